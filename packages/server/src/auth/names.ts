/** Control characters, and those that change the direction of text or cannot be seen: no name needs them. */
const unwanted = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const maxChars = 64;

/** A name as it may be shown in a terminal or a page: one line, bounded, and nothing invisible. Empty when nothing is left. */
export function cleanName(text: string): string {
  const visible = text.replace(unwanted, " ").replace(/\s+/g, " ").trim();
  return Array.from(visible).slice(0, maxChars).join("").trim();
}
