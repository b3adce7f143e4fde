import { type TranscriptMessage, visibleText } from "@openclaw-gateway/protocol";

const maxTitleChars = 60;
const maxPreviewChars = 160;

/** What a list shows of a session's messages, kept up to date when they are written. */
export type SessionTexts = { title: string | undefined; preview: string | undefined };

/** The first text of a user, and the last text of anybody who speaks, among messages that are being written. */
export function textsOf(messages: readonly { message: TranscriptMessage }[]): SessionTexts {
  const spoken = messages
    .filter(({ message }) => message.role !== "toolResult")
    .map(({ message }) => ({ role: message.role, text: oneLine(message) }))
    .filter(({ text }) => text !== "");
  const title = spoken.find(({ role }) => role === "user")?.text;
  const preview = spoken.at(-1)?.text;
  return { title: title && cut(title, maxTitleChars), preview: preview && cut(preview, maxPreviewChars) };
}

const oneLine = (message: TranscriptMessage): string =>
  visibleText(message)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();

/** Never ends in half a character. */
function cut(text: string, maxChars: number): string {
  const short = text.slice(0, maxChars);
  return short.isWellFormed() ? short.trimEnd() : short.replace(/[\uD800-\uDBFF]$/, "").trimEnd();
}
