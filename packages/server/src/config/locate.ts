/**
 * Finds the line of a configuration path in JSON5 text. A validator knows paths, people look for lines; the parser gives
 * no positions, so this walks the text with just enough of the grammar: strings, comments, braces, keys.
 */
export function lineOf(text: string, path: string): number | undefined {
  const wanted = path.split(/\.|\[(\d+)\]/).filter((part): part is string => part !== undefined && part !== "");
  if (wanted.length === 0) return undefined;
  type Level = { kind: "object" | "array"; index: number; key: string | undefined };
  const stack: Level[] = [];
  let line = 1;
  let best: { depth: number; line: number } | undefined;
  let pendingKey: { text: string; line: number } | undefined;

  const here = (): string[] => stack.map((level) => (level.kind === "array" ? String(level.index) : (level.key ?? "")));
  const note = (at: number): void => {
    const current = here();
    const isPrefix = current.every((part, index) => part === wanted[index]);
    if (isPrefix && current.length <= wanted.length && current.length > (best?.depth ?? 0)) best = { depth: current.length, line: at };
  };

  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[{}[\],:]|[^\s{}[\],:"'/]+|\n|\s/g;
  for (const [piece] of text.matchAll(token)) {
    const at = line;
    line += piece.split("\n").length - 1;
    if (/^\s/.test(piece) || piece.startsWith("//") || piece.startsWith("/*")) continue;
    const level = stack.at(-1);
    if (piece === "{" || piece === "[") {
      if (level?.kind === "array") note(at);
      stack.push({ kind: piece === "{" ? "object" : "array", index: 0, key: undefined });
    } else if (piece === "}" || piece === "]") {
      stack.pop();
    } else if (piece === "," && level?.kind === "array") {
      level.index++;
    } else if (piece === ":" && level?.kind === "object" && pendingKey) {
      level.key = pendingKey.text;
      note(pendingKey.line);
      pendingKey = undefined;
    } else if (piece !== "," && piece !== ":") {
      if (level?.kind === "array") note(at);
      pendingKey = { text: /^["']/.test(piece) ? piece.slice(1, -1) : piece, line: at };
    }
  }
  return best?.line;
}
