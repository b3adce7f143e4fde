import type { LanguageModelV4StreamPart, LanguageModelV4Usage, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import type { AssistantMessage } from "@openclaw-gateway/protocol";

type Content = AssistantMessage["content"];
/** A finished part of an answer; what only its model understands is in `providerMetadata`. */
type Block = { id: string; part: Content[number]; metadata: SharedV4ProviderMetadata };

export type ToolRequest = { id: string; name: string; args: Record<string, unknown>; problem?: string };
type Finish = Extract<LanguageModelV4StreamPart, { type: "finish" }>["finishReason"]["unified"];

/** Puts the parts of one streamed answer together. `takeId` gives every call an id that the transcript does not have yet. */
export function createAnswer(takeId: (wanted: string) => string) {
  const blocks: Block[] = [];
  const requests: ToolRequest[] = [];
  let finish: Finish | undefined;
  let usage: LanguageModelV4Usage | undefined;
  let error: { value: unknown } | undefined;

  const block = (id: string, create: () => Content[number], metadata: SharedV4ProviderMetadata | undefined): Block => {
    let found = blocks.findLast((each) => each.id === id);
    if (!found) blocks.push((found = { id, part: create(), metadata: {} }));
    for (const [name, values] of Object.entries(metadata ?? {})) {
      const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
      if (known.length > 0) found.metadata[name] = { ...found.metadata[name], ...Object.fromEntries(known) };
    }
    return found;
  };

  return {
    /** What a reader should see of the part at once. */
    take: (part: LanguageModelV4StreamPart): { type: "text" | "reasoning"; delta: string } | undefined => {
      switch (part.type) {
        case "text-start":
        case "text-end":
        case "text-delta": {
          const { part: entry } = block(`text ${part.id}`, () => ({ type: "text", text: "" }), part.providerMetadata);
          if (part.type !== "text-delta" || entry.type !== "text" || part.delta === "") return undefined;
          entry.text += part.delta;
          return { type: "text", delta: part.delta };
        }
        case "reasoning-start":
        case "reasoning-end":
        case "reasoning-delta": {
          const { part: entry } = block(
            `reasoning ${part.id}`,
            () => ({ type: "thinking", thinking: "" }),
            part.providerMetadata,
          );
          if (part.type !== "reasoning-delta" || entry.type !== "thinking" || part.delta === "") return undefined;
          entry.thinking += part.delta;
          return { type: "reasoning", delta: part.delta };
        }
        case "tool-call": {
          if (part.providerExecuted) return undefined;
          const request = { id: takeId(part.toolCallId), name: part.toolName, ...parseArguments(part.input) };
          requests.push(request);
          const entry = { type: "toolCall" as const, id: request.id, name: request.name, arguments: request.args };
          block(`call ${request.id}`, () => entry, part.providerMetadata);
          return undefined;
        }
        case "finish":
          finish = part.finishReason.unified;
          usage = part.usage;
          return undefined;
        case "error":
          error ??= { value: part.error };
          return undefined;
        default:
          return undefined;
      }
    },
    requests,
    get finish(): Finish | undefined {
      return finish;
    },
    get usage(): LanguageModelV4Usage | undefined {
      return usage;
    },
    get error(): { value: unknown } | undefined {
      return error;
    },
    content: (): Content =>
      blocks.flatMap(({ part, metadata }): Content => {
        const hasMetadata = Object.keys(metadata).length > 0;
        const isEmpty =
          (part.type === "text" && part.text === "") ||
          (part.type === "thinking" && part.thinking === "" && !hasMetadata);
        if (isEmpty) return [];
        return [hasMetadata ? { ...part, providerMetadata: metadata } : part];
      }),
    /** What can be kept of an answer that was cut off: its text. */
    textContent: (): Content => blocks.flatMap(({ part }) => (part.type === "text" && part.text !== "" ? [part] : [])),
  };
}
export type Answer = ReturnType<typeof createAnswer>;

function parseArguments(input: string): { args: Record<string, unknown>; problem?: string } {
  if (input.trim() === "") return { args: {} };
  try {
    const value: unknown = JSON.parse(input);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { args: { ...value } };
  } catch {
    // Told to the model below.
  }
  return { args: {}, problem: "the arguments are not a JSON object" };
}
