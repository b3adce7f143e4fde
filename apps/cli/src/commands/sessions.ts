import type { Result } from "@openclaw-gateway/protocol";
import { withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { CommandError } from "../exit-codes.ts";
import { printJson } from "../output/json.ts";
import { plain } from "../output/plain.ts";
import { formatTable } from "../output/table.ts";
import { formatAge } from "../output/time.ts";
import { textOf } from "../turns/follow-run.ts";

export type SessionsListOptions = GlobalOptions & {
  active?: number | true;
  kind?: string;
  agent?: string;
  limit?: number;
};
export type SessionsHistoryOptions = GlobalOptions & { limit?: number };

/** What `--active` means without a number. */
const activeMinutes = 60;
const defaultLimit = 50;
/** The gateway has no filter by kind: this many rows are looked through. */
const searchedRows = 1_000;

export async function listSessions(context: CommandContext, options: SessionsListOptions): Promise<void> {
  const { active, kind, agent, limit = defaultLimit, json = false } = options;
  const list = await withGateway(context, options, (client) =>
    client.request("sessions.list", {
      limit: kind === undefined ? limit : searchedRows,
      includeDerivedTitles: true,
      ...(active === undefined ? {} : { activeMinutes: active === true ? activeMinutes : active }),
      ...(agent === undefined ? {} : { agentId: agent }),
    }),
  );
  const sessions = list.sessions.filter((row) => kind === undefined || row.kind === kind).slice(0, limit);
  if (json) return printJson(context, { ...list, count: sessions.length, sessions });
  if (sessions.length === 0) {
    const filters = active !== undefined || kind !== undefined || agent !== undefined;
    return context.out(filters ? "No session fits.\n" : `No sessions yet. Begin one: ${context.invocation} chat\n`);
  }
  const now = Date.now();
  context.out(
    formatTable(
      sessions,
      [
        { title: "key", cell: (row) => row.key },
        { title: "kind", cell: (row) => row.kind },
        { title: "model", cell: (row) => row.model },
        { title: "tokens", align: "right", cell: (row) => row.totalTokens?.toLocaleString("en") },
        { title: "updated", cell: (row) => formatAge(row.updatedAt, now) },
        { title: "title", cell: (row) => row.label ?? row.displayName ?? row.derivedTitle },
      ],
      { width: context.width, heading: context.style.bold },
    ),
  );
  if (list["hasMore"] === true && kind === undefined)
    context.err(context.errStyle.dim("There are more: raise --limit.\n"));
}

export async function showHistory(
  context: CommandContext,
  options: SessionsHistoryOptions,
  [key = ""]: readonly string[],
): Promise<void> {
  const { limit, json = false } = options;
  const history = await withGateway(context, options, (client) =>
    client.request("chat.history", { sessionKey: key, ...(limit === undefined ? {} : { limit }) }),
  );
  if (history.sessionId === undefined && history.messages.length === 0) {
    const fix = `list them with: ${context.invocation} sessions list`;
    throw new CommandError("failed", `there is no session ${JSON.stringify(key)}`, { fix });
  }
  if (json) return printJson(context, history);
  if (history.messages.length === 0) return context.out("The session is empty.\n");
  context.out(history.messages.map((message) => formatMessage(message, context)).join("\n"));
}

type Message = Result<"chat.history">["messages"][number];

function formatMessage(message: Message, { style }: CommandContext): string {
  const time = style.dim(new Date(message.timestamp).toLocaleString("sv"));
  switch (message.role) {
    case "user":
      return `${style.bold("you")}  ${time}\n${plain(textOf(message))}\n`;
    case "assistant": {
      const calls = message.content.flatMap((part) =>
        part.type === "toolCall" ? [`[${part.name} ${JSON.stringify(part.arguments)}]`] : [],
      );
      const failure = message.errorMessage === undefined ? "" : style.red(plain(message.errorMessage));
      const parts = [plain(textOf(message)), ...calls.map((call) => style.dim(plain(call))), failure];
      const isCutShort = message.stopReason === "aborted" || message.stopReason === "interrupted";
      const heading = `${style.cyan(style.bold("assistant"))}  ${time}${isCutShort ? style.yellow(` (${message.stopReason})`) : ""}`;
      return `${heading}\n${parts.filter((part) => part !== "").join("\n") || style.dim("(nothing)")}\n`;
    }
    case "toolResult":
      return `${style.dim(`result of ${message.toolName}`)}  ${time}\n${plain(textOf(message))}\n`;
    case "system":
      return `${style.dim("the beginning was summed up")}  ${time}\n${plain(message.summary)}\n`;
    default:
      return message satisfies never;
  }
}
