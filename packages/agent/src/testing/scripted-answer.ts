/** What the scripted provider does with one request. */
export type ScriptedAnswer =
  | {
      kind: "answer";
      /** Chunks, or one text that is cut into words. */
      text?: string | readonly string[];
      reasoning?: string;
      toolCalls?: readonly { name: string; args: Record<string, unknown>; id?: string }[];
      finish?: "stop" | "length" | "refusal";
      usage?: { input: number; output: number };
      /** Between two chunks. */
      delayMs?: number;
    }
  | { kind: "error"; status: number; message?: string; headers?: Readonly<Record<string, string>> }
  /** Says this much, then the connection breaks. */
  | { kind: "break"; text: string | readonly string[] }
  /** Says this much, then nothing more; the connection stays. */
  | { kind: "stall"; text: string | readonly string[] }
  /** Does not even send headers. */
  | { kind: "silence" };

export type ProviderRequest = {
  /** Counts all requests, from 1. */
  n: number;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
  model: string;
  /** The last thing a person said. */
  lastUserText: string;
  /** How many requests had the same last user text and no tool result yet, this one included. */
  nForText: number;
  /** The results of tools after the last user message, as the model is shown them. */
  toolResults: readonly string[];
  toolNames: readonly string[];
};

export type Script = (request: ProviderRequest) => ScriptedAnswer;

/** Chunks as a model would send them: words with the space after them. */
export const chunksOf = (text: string | readonly string[]): readonly string[] =>
  typeof text === "string" ? (text.match(/\s*\S+\s*$|\S+\s*|\s+/g) ?? []) : text;

const defaultUsage = { input: 12, output: 7 };

/**
 * The script that needs no writing: markers in the last user message say what happens, anything else is repeated.
 * `[[slow]]`, `[[tool]]` or `[[tool:path]]` (calls `read`), `[[exec:command]]`, `[[think]]`, `[[break]]`, `[[stall]]`, `[[silence]]`, `[[refuse]]`,
 * `[[empty]]`, `[[500]]` or any other status, with `:seconds` for Retry-After. `x2` at the end (`[[500x2]]`, `[[429:1x1]]`)
 * makes only the first requests of that message fail.
 */
export const answerByMarkers: Script = ({ lastUserText, nForText, toolResults }) => {
  const said = { kind: "answer" as const, text: `You said: ${lastUserText}`, usage: defaultUsage };
  const [, word = "", argument, times] = /\[\[([a-z0-9]+?)(?::([^\]]*?))?(?:x(\d+))?\]\]/i.exec(lastUserText) ?? [];
  if (times !== undefined && nForText > Number(times)) return said;
  if (/^\d{3}$/.test(word)) {
    return {
      kind: "error",
      status: Number(word),
      ...(argument !== undefined && { headers: { "retry-after": argument } }),
    };
  }
  switch (word.toLowerCase()) {
    case "slow":
      return { ...said, text: Array.from({ length: 200 }, (_, index) => `word${index} `), delayMs: 50 };
    case "tool":
      if (toolResults.length > 0) return { ...said, text: `The file says: ${toolResults.at(-1)}` };
      return { ...said, text: "Let me look.", toolCalls: [{ name: "read", args: { path: argument ?? "NOTES.md" } }] };
    case "exec":
      if (toolResults.length > 0) return { ...said, text: `The tool says: ${toolResults.at(-1)}` };
      return { ...said, text: "Let me run it.", toolCalls: [{ name: "exec", args: { command: argument ?? "date" } }] };
    case "think":
      return { ...said, reasoning: "Thinking about it." };
    case "break":
    case "stall":
      return { kind: word === "break" ? "break" : "stall", text: "This answer goes only" };
    case "silence":
      return { kind: "silence" };
    case "refuse":
      return { ...said, text: "I would rather", finish: "refusal" };
    case "empty":
      return { ...said, text: "" };
    default:
      return said;
  }
};
