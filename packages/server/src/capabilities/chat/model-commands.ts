import { GatewayError } from "@openclaw-gateway/protocol";
import { modelOf } from "../../conversations/session-row.ts";
import type { ChatCommand, CommandDeps } from "./command-table.ts";

/** Commands about which model answers. */
export function modelCommands({ conversations, runtime, modelDefaults, call }: CommandDeps): ChatCommand[] {
  function providers(): string {
    const counts = new Map<string, number>();
    for (const { provider } of runtime.models()) counts.set(provider, (counts.get(provider) ?? 0) + 1);
    const lines = [...counts].map(([provider, count]) => `- ${provider} (${count})`);
    return `Providers:\n${lines.join("\n")}\n\nUse: /models <provider>\nSwitch: /model <provider/model>`;
  }

  function modelsOf(provider: string): string {
    const names = runtime.models().filter((model) => model.provider === provider);
    if (names.length === 0) return `Unknown provider: ${provider}\n\n${providers()}`;
    return `Models (${provider}):\n${names.map(({ id }) => `- ${provider}/${id}`).join("\n")}\n\nSwitch: /model <provider/model>`;
  }

  return [
    {
      name: "model",
      description: "Show or set the model.",
      category: "options",
      args: [{ name: "model", description: "Model id (provider/model), list or status", type: "string" }],
      needs: (argument) => (["", "list", "status"].includes(argument) ? undefined : "sessions.patch"),
      answer: async ({ argument, key, ctx }) => {
        if (argument === "list") return providers();
        if (argument === "" || argument === "status") {
          const session = await conversations.session(key);
          const { modelProvider, model } = session ? modelOf(session, modelDefaults()) : modelDefaults();
          return `Current: ${modelProvider ?? "?"}/${model ?? "?"}\n\nSwitch: /model <provider/model>\nBrowse: /models`;
        }
        try {
          await call("sessions.patch", { key, model: argument === "default" ? null : argument }, ctx);
        } catch (error) {
          if (!(error instanceof GatewayError) || error.code !== "INVALID_REQUEST") throw error;
          return `Model "${argument}" is not allowed. Use /models to list providers, or /models <provider> to list models.`;
        }
        return argument === "default" ? "Model reset to default." : `Model set to ${argument}.`;
      },
    },
    {
      name: "models",
      description: "List providers or their models.",
      category: "options",
      args: [{ name: "provider", description: "Provider whose models to list", type: "string" }],
      needs: () => "models.list",
      answer: async ({ argument }) => (argument === "" ? providers() : modelsOf(argument)),
    },
  ];
}
