import type { MethodName, Result, SessionKeyDefaults } from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import type { ModelDefaults } from "../../conversations/session-row.ts";
import type { Clock } from "../../platform/clock.ts";
import type { CallMethod, RequestContext } from "../../rpc/handler.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import type { Turns } from "../../turns/turns.ts";
import { contextText, inThousands } from "./context-text.ts";
import { modelCommands } from "./model-commands.ts";
import { settingCommands } from "./setting-commands.ts";
import { statusCommands } from "./status-commands.ts";

export type CommandDeps = {
  turns: Turns;
  conversations: Conversations;
  runtime: AgentRuntime;
  clock: Clock;
  keys: () => SessionKeyDefaults;
  modelDefaults: () => ModelDefaults;
  call: CallMethod;
};

/** One use of a command. `argument` is what follows the name, trimmed. */
export type CommandCall = { argument: string; sessionKey: string; key: string; ctx: RequestContext };

type CommandArgument = NonNullable<Result<"commands.list">["commands"][number]["args"]>[number];

/** A word a person may write in a chat to speak to the gateway instead of the agent. */
export type ChatCommand = {
  name: string;
  /** Other spellings, without the slash. */
  aliases?: readonly string[];
  description: string;
  category: "session" | "options" | "status";
  args?: readonly CommandArgument[];
  /** The method whose permission this use needs; sending the message is enough when there is none. */
  needs(argument: string): MethodName | undefined;
  /** `text`: written by the gateway. `fresh session`: the turn that follows starts with an empty transcript. `stop`: answered before anything else. */
  answer: ((call: CommandCall) => Promise<string>) | "fresh session" | "stop";
};

const sessionCommands = ({ call, conversations, modelDefaults }: CommandDeps): ChatCommand[] => [
  {
    name: "new",
    description: "Start a new session.",
    category: "session",
    args: [{ name: "message", description: "First message of the new session", type: "string" }],
    needs: () => "sessions.reset",
    answer: "fresh session",
  },
  {
    name: "reset",
    description: "Start the session afresh.",
    category: "session",
    args: [{ name: "message", description: "First message of the new session", type: "string" }],
    needs: () => "sessions.reset",
    answer: "fresh session",
  },
  {
    name: "compact",
    description: "Sum up the beginning of the session to make room.",
    category: "session",
    args: [
      {
        name: "instructions",
        description: "What the summary should pay attention to; a number keeps that many messages instead",
        type: "string",
      },
    ],
    needs: () => "sessions.compact",
    answer: async ({ argument, key, ctx }) => {
      const wanted = /^\d+$/.test(argument) ? Number(argument) : undefined;
      const how = wanted === undefined ? { instructions: argument } : { maxLines: wanted };
      const { compacted, kept, result } = await call("sessions.compact", { key, ...how }, ctx);
      if (!compacted) return "⚙️ Nothing to compact.";
      if (!result) return `⚙️ Compacted (${kept ?? 0} messages kept)`;
      const context = contextText(await conversations.session(key), modelDefaults());
      return `⚙️ Compacted (${inThousands(result.tokensBefore)} before) • Context ${context}`;
    },
  },
  {
    name: "stop",
    description: "Stop what runs in this session.",
    category: "session",
    needs: () => "chat.abort",
    answer: "stop",
  },
];

/** Every command, in the order in which help lists them. */
export function createCommandTable(deps: CommandDeps): readonly ChatCommand[] {
  const table: readonly ChatCommand[] = [
    ...statusCommands(deps, () => table),
    ...sessionCommands(deps),
    ...settingCommands(deps),
    ...modelCommands(deps),
  ];
  return table;
}

/** What a message asks of the gateway, or undefined when it is meant for the agent. */
export function findCommand(
  table: readonly ChatCommand[],
  message: string,
): { command: ChatCommand; argument: string } | undefined {
  const [, word, argument = ""] = /^\/([a-z]+)(?:[\s:]+([\s\S]*))?$/i.exec(message.trim()) ?? [];
  if (word === undefined) return undefined;
  const name = word.toLowerCase();
  const command = table.find((each) => each.name === name || each.aliases?.includes(name));
  return command && { command, argument: argument.trim() };
}

/** The table as protocol 4 lists it. */
export const describeCommands = (
  table: readonly ChatCommand[],
  includeArgs: boolean,
): Result<"commands.list">["commands"] =>
  table.map(({ name, aliases = [], description, category, args }) => ({
    name,
    nativeName: name,
    textAliases: [name, ...aliases].map((word) => `/${word}`),
    description,
    category,
    source: "native",
    scope: "both",
    acceptsArgs: args !== undefined,
    ...(includeArgs && args && { args: [...args] }),
  }));
