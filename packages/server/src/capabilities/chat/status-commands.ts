import { modelOf } from "../../conversations/session-row.ts";
import { queueModeOf } from "../../turns/queue-mode.ts";
import { gatewayVersion } from "../../version.ts";
import { contextText } from "./context-text.ts";
import type { ChatCommand, CommandDeps } from "./command-table.ts";

/** Commands that only look. */
export function statusCommands(deps: CommandDeps, table: () => readonly ChatCommand[]): ChatCommand[] {
  const { conversations, turns, clock, modelDefaults } = deps;
  const help = async (): Promise<string> =>
    table()
      .map(({ name, description }) => `/${name} - ${description}`)
      .join("\n");

  return [
    { name: "help", description: "Show available commands.", category: "status", needs: () => undefined, answer: help },
    {
      name: "commands",
      description: "List all slash commands.",
      category: "status",
      needs: () => undefined,
      answer: help,
    },
    {
      name: "status",
      description: "Show the state of this session.",
      category: "status",
      needs: () => "status",
      answer: async ({ key }) => {
        const session = await conversations.session(key);
        const defaults = modelDefaults();
        const { modelProvider, model } = session ? modelOf(session, defaults) : defaults;
        const thinking = session?.settings["thinkingLevel"];
        const age = session ? ago(clock.now() - session.updatedAt) : "just now";
        return [
          `🦞 OpenClaw ${gatewayVersion}`,
          `🧠 Model: ${modelProvider ?? "?"}/${model ?? "?"}`,
          `📚 Context: ${contextText(session, defaults)} · 🧹 Compactions: ${session?.compactionCount ?? 0}`,
          `🧵 Session: ${key} • updated ${age}`,
          `⚙️ Runtime: ${session?.kind ?? "direct"} · Think: ${typeof thinking === "string" ? thinking : "off"}`,
          `🪢 Queue: ${queueModeOf(session)} (depth ${turns.waiting(key)})`,
        ].join("\n");
      },
    },
    {
      name: "whoami",
      aliases: ["id"],
      description: "Show who the gateway takes you for.",
      category: "status",
      needs: () => undefined,
      answer: async ({ ctx: { principal } }) =>
        [
          "🧭 Identity",
          "Channel: webchat",
          `User id: ${principal.displayName}`,
          `Scopes: ${principal.scopes.join(", ") || "none"}`,
        ].join("\n"),
    },
  ];
}

function ago(elapsedMs: number): string {
  const minutes = Math.floor(elapsedMs / 60_000);
  return minutes < 1 ? "just now" : minutes < 60 ? `${minutes}m ago` : `${Math.floor(minutes / 60)}h ago`;
}
