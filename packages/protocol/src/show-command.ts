/**
 * Anything a reader could miss or be misled by: controls, format characters (bidirectional ones too), separators, private
 * and unassigned characters, half characters, spaces that are not the plain one, letters that are drawn as nothing.
 */
const misleading = /[\p{C}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0⟦⟧]|\p{Variation_Selector}|(?! )\p{Zs}/gu;

const names: ReadonlyMap<string, string> = new Map([
  ["\n", "newline"],
  ["\r", "return"],
  ["\t", "tab"],
  ["\0", "NUL"],
]);

/**
 * Text as a person who decides about it must see it: whole, on one line, every character that is invisible or turns the
 * line around written out as `⟦U+202E⟧`. Two different texts never look the same by this function.
 */
export function showCommand(text: string): string {
  return text.replaceAll(misleading, (character) => `⟦${names.get(character) ?? codePoint(character)}⟧`);
}

/** Words as a shell would take them, each made visible. */
export function showArgv(argv: readonly string[]): string {
  return argv.map((word) => showCommand(quoteWord(word))).join(" ");
}

/** A word that a POSIX shell reads back as it is. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function codePoint(character: string): string {
  const value = character.codePointAt(0) ?? 0;
  return `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
}
