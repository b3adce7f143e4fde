import { redactText, redactValue } from "@openclaw-gateway/server/installation";

const mark = "[redacted]";

/** Text for debugging output without what has the shape of a secret. */
export const describeText = (text: string): string => redactText(text, mark);

/** A frame as one line without secrets. Text that is no JSON is only counted. */
export function describeFrame(text: string): string {
  try {
    return JSON.stringify(redactValue(JSON.parse(text), mark));
  } catch {
    return `(${text.length} characters that are not JSON)`;
  }
}
