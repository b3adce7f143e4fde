import type {
  JSONObject,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type {
  AssistantMessage,
  ChatAttachment,
  ToolResultMessage,
  TranscriptMessage,
  UserMessage,
} from "@openclaw-gateway/protocol";
import { summaryFrame } from "../context/summary-message.ts";
import { type Model, modelName } from "../providers/model.ts";
import { attachmentParts } from "./attachments.ts";
import { repairHistory } from "./repair-history.ts";

type UserPart = LanguageModelV4TextPart | LanguageModelV4FilePart;
type AssistantParts = Extract<LanguageModelV4Message, { role: "assistant" }>["content"];

/** Lets Anthropic reuse what it has read of the prompt up to here; others ignore it. */
const cacheHere: SharedV4ProviderOptions = { anthropic: { cacheControl: { type: "ephemeral" } } };

/** What the model is sent: the system prompt, then the repaired transcript. `attachments` belong to the question of the turn. */
export function toPrompt(
  model: Model,
  system: string,
  history: readonly TranscriptMessage[],
  attachments: readonly ChatAttachment[],
  /** Where the turn began; what people said since then does not end it. The last user message when absent. */
  question?: TranscriptMessage,
): LanguageModelV4Prompt {
  const repaired = repairHistory(history);
  const lastUser = question ? repaired.indexOf(question) : repaired.findLastIndex(({ role }) => role === "user");
  const prompt: LanguageModelV4Prompt = [{ role: "system", content: system, providerOptions: cacheHere }];
  for (const [index, message] of repaired.entries()) {
    if (message.role === "user") {
      const content = [
        ...userParts(message, model),
        ...(index === lastUser ? attachmentParts(attachments, model) : []),
      ];
      prompt.push({
        role: "user",
        content: content.length > 0 ? content : [{ type: "text", text: "(an empty message)" }],
      });
    } else if (message.role === "system") {
      prompt.push({ role: "user", content: [{ type: "text", text: summaryFrame(message.summary) }] });
    } else if (message.role === "assistant") {
      prompt.push({ role: "assistant", content: assistantParts(message, model, index > lastUser) });
    } else {
      appendResult(prompt, message);
    }
  }
  const last = prompt.at(-1);
  if (last) last.providerOptions = cacheHere;
  return prompt;
}

function userParts(message: UserMessage, model: Model): UserPart[] {
  return message.content.flatMap((part): UserPart[] => {
    if (part.type === "text") return part.text === "" ? [] : [{ type: "text", text: part.text }];
    return attachmentParts([{ type: "image", mimeType: part.mimeType, content: part.data }], model);
  });
}

function assistantParts(message: AssistantMessage, model: Model, isThisTurn: boolean): AssistantParts {
  // Signatures and thoughts mean something only to the model that made them.
  const isOwn = message.api === model.api && `${message.provider}/${message.model}` === modelName(model.ref);
  const own = (part: Record<string, unknown>) => {
    const providerOptions = isOwn ? asProviderOptions(part["providerMetadata"]) : undefined;
    return providerOptions && { providerOptions };
  };
  const seen = new Set<string>();
  return message.content.flatMap((part): AssistantParts => {
    if (part.type === "text") return part.text === "" ? [] : [{ type: "text", text: part.text, ...own(part) }];
    if (part.type === "thinking") {
      const isWanted = isOwn && (isThisTurn || part["providerMetadata"] !== undefined);
      return isWanted ? [{ type: "reasoning", text: part.thinking, ...own(part) }] : [];
    }
    if (seen.has(part.id)) return [];
    seen.add(part.id);
    return [
      { type: "tool-call", toolCallId: safeId(part.id), toolName: part.name, input: part.arguments, ...own(part) },
    ];
  });
}

/** Results of one answer's calls go into one message. */
function appendResult(prompt: LanguageModelV4Prompt, message: ToolResultMessage): void {
  const value = message.content.map((part) => (part.type === "text" ? part.text : "[image]")).join("\n");
  const part = {
    type: "tool-result" as const,
    toolCallId: safeId(message.toolCallId),
    toolName: message.toolName,
    output: message.isError ? { type: "error-text" as const, value } : { type: "text" as const, value },
  };
  const last = prompt.at(-1);
  if (last?.role === "tool") last.content.push(part);
  else prompt.push({ role: "tool", content: [part] });
}

/** Providers differ in what they accept as the id of a call, and a session may change its provider. */
const safeId = (id: string): string => id.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(-64) || "call";

function asProviderOptions(value: unknown): SharedV4ProviderOptions | undefined {
  return isRecord(value) && Object.values(value).every(isRecord) ? (value as Record<string, JSONObject>) : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
