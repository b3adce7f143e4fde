import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import type { ApartOutput, NewMessage } from "../conversations/conversation-store.ts";
import type { ToolResultContent, TurnEvent } from "../runtime/agent-runtime.ts";
import { cutOutput } from "./cut-output.ts";

/** Characters of a tool's result that events and transcript carry themselves. */
export const maxInlineChars = 16_384;
/** Characters of a part kept apart that are shown at once. */
const excerptChars = 1_000;

type Parts = Extract<TranscriptMessage, { role: "toolResult" }>["content"];
/** What is told and stored of an event, what of it is kept apart, and the event as the runtime knows it. */
export type LightEvent = { event: TurnEvent; apart: readonly ApartOutput[]; original: TurnEvent };

const nothingApart: readonly ApartOutput[] = [];

/**
 * Takes large results out of what a turn tells: events and transcript carry the beginning and a reference, the model of
 * the turn keeps what it has.
 */
export function createLargeResults() {
  const lighten = createLightener();

  return async (original: TurnEvent): Promise<LightEvent> => {
    const asItIs = { event: original, apart: nothingApart, original };
    switch (original.type) {
      case "tool-update":
        return { ...asItIs, event: { ...original, partialResult: clip(original.partialResult) } };
      case "tool-end": {
        const { light, apart } = await lighten(original.result);
        return apart.length === 0 ? asItIs : { event: { ...original, result: light }, apart, original };
      }
      case "message": {
        const { message } = original;
        if (message.role !== "toolResult") return asItIs;
        const { light, apart } = await lighten(message);
        lighten.forget();
        return apart.length === 0 ? asItIs : { event: { ...original, message: light }, apart, original };
      }
      default:
        return asItIs;
    }
  };
}

function createLightener() {
  // The result of a tool is told and then stored: the same text is cut once.
  const known: { text: string; apart: ApartOutput }[] = [];

  async function cut(text: string, kind: ApartOutput["reference"]["kind"]): Promise<ApartOutput> {
    const before = known.find((one) => one.text === text);
    if (before) return before.apart;
    const apart = await cutOutput(text, kind);
    known.push({ text, apart });
    return apart;
  }

  async function lighten<C extends { content: Parts; details?: unknown }>(
    result: C,
    mayLeave: (part: Parts[number]) => boolean = () => true,
  ): Promise<{ light: C; apart: readonly ApartOutput[] }> {
    const apart: ApartOutput[] = [];
    let left = maxInlineChars;
    const content: Parts = [];
    for (const part of result.content) {
      const text = part.type === "image" ? part.data : part.text;
      if (text.length <= left || !mayLeave(part)) {
        left -= text.length;
        content.push(part);
        continue;
      }
      const output = await cut(text, part.type);
      apart.push(output);
      const { reference } = output;
      content.push(
        part.type === "image" ? { ...part, data: "", reference } : { ...part, text: excerpt(part.text), reference },
      );
    }
    const details = result.details === undefined ? undefined : JSON.stringify(result.details);
    if (details === undefined || details.length <= left) return { light: { ...result, content }, apart };
    const output = await cut(details, "json");
    apart.push(output);
    return { light: { ...result, content, details: { reference: output.reference } }, apart };
  }

  return Object.assign(lighten, { forget: () => void (known.length = 0) });
}

/** A message whose large parts are kept apart. What a person wrote stays; files and images that came with it may go. */
export async function withLargeContentApart(message: NewMessage): Promise<NewMessage> {
  const { message: original } = message;
  if (original.role !== "user" && original.role !== "toolResult") return message;
  const mayLeave = (part: Parts[number]): boolean =>
    original.role === "toolResult" || part.type === "image" || part["fileName"] !== undefined;
  const { light, apart } = await createLightener()(original, mayLeave);
  return apart.length === 0 ? message : { ...message, message: light, apart };
}

/** What a tool has said so far is passing: the end comes with a reference. */
function clip(partial: ToolResultContent): ToolResultContent {
  const isLarge = partial.content.some(({ text }) => text.length > maxInlineChars);
  if (!isLarge) return partial;
  return { ...partial, content: partial.content.map((part) => ({ ...part, text: excerpt(part.text) })) };
}

/** The beginning, without half a character at its end. */
function excerpt(text: string): string {
  const beginning = text.slice(0, excerptChars);
  return beginning.isWellFormed() ? beginning : beginning.slice(0, -1);
}
