import type { TranscriptMessage } from "@openclaw-gateway/protocol";

const maxResultChars = 2_000;
const maxArgumentChars = 1_000;
const maxTextChars = 20_000;

/** A message as a reader who sums it up is shown it: who said what, without what only programs need. */
export function textOfMessage(message: TranscriptMessage): string {
  if (message.role === "system") return "";
  if (message.role === "toolResult") {
    const outcome = message.isError ? "failed" : "answered";
    return `[Tool ${message.toolName} ${outcome}]\n${shorten(textsOf(message).join("\n"), maxResultChars)}`;
  }
  const parts = textsOf(message).map((text) => shorten(text, maxTextChars));
  if (message.role === "user") return `[Person]\n${parts.join("\n")}`;
  const calls = message.content.flatMap((part) =>
    part.type === "toolCall"
      ? [`[Calls the tool ${part.name} with ${shorten(JSON.stringify(part.arguments), maxArgumentChars)}]`]
      : [],
  );
  return `[Assistant]\n${[...parts, ...calls].join("\n")}`;
}

const textsOf = (message: Exclude<TranscriptMessage, { role: "system" }>): string[] =>
  message.content.flatMap((part) => {
    if (part.type === "text") return part.text.trim() === "" ? [] : [part.text];
    return part.type === "image" ? ["(an image)"] : [];
  });

/** Beginning and end of what is too long. */
export function shorten(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const half = Math.floor(maxChars / 2);
  return `${text.slice(0, half).toWellFormed()}\n[… ${text.length - 2 * half} characters are left out …]\n${text.slice(-half).toWellFormed()}`;
}
