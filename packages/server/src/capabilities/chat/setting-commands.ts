import { randomUUID } from "node:crypto";
import { GatewayError, parseSessionKey, sessionKindOf } from "@openclaw-gateway/protocol";
import { isQueueMode, queueModeOf, queueModes } from "../../turns/queue-mode.ts";
import type { ChatCommand, CommandCall, CommandDeps } from "./command-table.ts";

type Setting = {
  name: string;
  aliases?: readonly string[];
  description: string;
  field: "thinkingLevel" | "verboseLevel" | "reasoningLevel" | "responseUsage";
  title: string;
  values: readonly string[];
  isSetTo(value: string): string;
};

const onOff =
  (what: string) =>
  (value: string): string =>
    value === "on" ? `⚙️ ${what} enabled.` : value === "off" ? `⚙️ ${what} disabled.` : `⚙️ ${what} set to ${value}.`;

const settings: readonly Setting[] = [
  {
    name: "think",
    aliases: ["thinking", "t"],
    description: "Set how much the model thinks.",
    field: "thinkingLevel",
    title: "thinking level",
    values: ["off", "minimal", "low", "medium", "high"],
    isSetTo: (value) => `Thinking level set to ${value}.`,
  },
  {
    name: "verbose",
    aliases: ["v"],
    description: "Show or hide what tools do.",
    field: "verboseLevel",
    title: "verbose level",
    values: ["on", "off", "full"],
    isSetTo: onOff("Verbose logging"),
  },
  {
    name: "reasoning",
    description: "Show or hide the model's reasoning.",
    field: "reasoningLevel",
    title: "reasoning level",
    values: ["on", "off", "stream"],
    isSetTo: onOff("Reasoning visibility"),
  },
  {
    name: "usage",
    description: "Show or hide what each answer cost.",
    field: "responseUsage",
    title: "usage footer",
    values: ["off", "tokens", "full"],
    isSetTo: (value) => `⚙️ Usage footer: ${value}.`,
  },
];

const argument = (name: string, description: string, values: readonly string[]) => ({
  name,
  description,
  type: "string",
  choices: values.map((value) => ({ value, label: value })),
});

/** Commands that show a setting of the session, or change it when a value follows. */
export function settingCommands(deps: CommandDeps): ChatCommand[] {
  const { conversations, clock, keys, call } = deps;
  const needs = (value: string) => (value === "" ? undefined : ("sessions.patch" as const));

  const patches = settings.map(({ name, aliases, description, field, title, values, isSetTo }): ChatCommand => ({
    name,
    ...(aliases && { aliases }),
    description,
    category: "options",
    args: [argument("level", values.join(", "), values)],
    needs,
    answer: async ({ argument: value, key, ctx }) => {
      if (value === "") {
        const current = (await conversations.session(key))?.settings[field];
        return `Current ${title}: ${typeof current === "string" ? current : "off"}.\nOptions: ${values.join(", ")}.`;
      }
      const chosen = value.toLowerCase();
      try {
        await call("sessions.patch", { key, [field]: chosen }, ctx);
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== "INVALID_REQUEST") throw error;
        return `Unrecognized ${title} "${value}". Options: ${values.join(", ")}.`;
      }
      return isSetTo(chosen);
    },
  }));

  async function queue({ argument: value, key }: CommandCall): Promise<string> {
    const options = `Options: modes ${queueModes.join(", ")}.`;
    const session = await conversations.session(key);
    if (value === "") return `Current queue settings: mode=${queueModeOf(session)}.\n${options}`;
    const mode = value.toLowerCase();
    if (!isQueueMode(mode)) return `Unrecognized queue mode "${value}". ${options}`;
    const seed = {
      agentId: parseSessionKey(key)?.agentId ?? keys().defaultAgentId,
      kind: sessionKindOf(key),
      sessionId: randomUUID(),
      now: clock.now(),
    };
    await conversations.upsertSession(key, seed, { settings: { queueMode: mode } });
    return `⚙️ Queue mode set to ${mode}.`;
  }

  return [
    ...patches,
    {
      name: "queue",
      description: "Set what happens to messages while the agent is busy.",
      category: "options",
      args: [argument("mode", queueModes.join(", "), queueModes)],
      needs,
      answer: queue,
    },
  ];
}
