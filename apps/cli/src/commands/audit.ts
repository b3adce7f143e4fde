import type { Result } from "@openclaw-gateway/protocol";
import { withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { CommandError } from "../exit-codes.ts";
import { printJson } from "../output/json.ts";
import { formatTable } from "../output/table.ts";
import { parseMoment } from "../output/time.ts";

export type AuditOptions = GlobalOptions & {
  kind?: string;
  status?: string;
  action?: string;
  actor?: string;
  subject?: string;
  after?: string;
  since?: string;
  before?: string;
  limit?: number;
  cursor?: number;
};

type Event = Result<"audit.list">["events"][number];
const defaultLimit = 100;

/** The audit log, newest first. */
export async function showAudit(context: CommandContext, options: AuditOptions): Promise<void> {
  const { kind, status, action, actor, subject, cursor, limit = defaultLimit, json = false } = options;
  const [after, before] = [moment(options, "after") ?? moment(options, "since"), moment(options, "before")];
  // Words are the gateway's to judge: it knows those of its own version.
  const filters = { kind, status, action, actor, subject, after, before, cursor };
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
  const page = await withGateway(context, options, (client) => client.request("audit.list", { limit, ...given }));
  if (json) return printJson(context, page);
  if (page.events.length === 0) return context.out("Nothing fits.\n");
  context.out(
    formatTable(
      page.events,
      [
        { title: "time", cell: ({ occurredAt }) => new Date(occurredAt).toISOString().slice(0, 19).replace("T", " ") },
        { title: "action", cell: (event) => event.action },
        { title: "by", cell: whoDid },
        { title: "from", cell: (event) => event.actor.address },
        { title: "on", cell: (event) => event.subject },
        { title: "times", align: "right", cell: ({ count }) => (count > 1 ? String(count) : "") },
        { title: "detail", cell: detailLine },
      ],
      { width: context.width, heading: context.style.bold },
    ),
  );
  if (page.nextCursor !== undefined) context.err(context.errStyle.dim(`There are more: --cursor ${page.nextCursor}\n`));
}

const whoDid = ({ actor: { type, id, name } }: Event): string =>
  id === undefined ? type : name === undefined || name === id ? id : `${name} (${id})`;

const detailLine = ({ detail = {} }: Event): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(",") : String(value)}`)
    .join(" ");

function moment(options: AuditOptions, name: "after" | "since" | "before"): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const at = parseMoment(text, Date.now());
  if (at !== undefined) return at;
  throw new CommandError("usage", `--${name}: not a time: ${text}`, {
    fix: "write it as 2026-11-21T10:00:00Z, in milliseconds, or as an age such as 30m, 2h or 7d",
  });
}
