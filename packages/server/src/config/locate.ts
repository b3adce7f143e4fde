/** `gateway.auth.token`, `agents.list[0].id`: how issues name a place. */
export const formatPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );

/**
 * Tells the line of a path in JSON5 text, or of the nearest part of it that is there. A validator knows paths, people
 * look for lines; the parser gives no positions, so this reads the text once more with just enough of the grammar.
 */
export function createLocator(text: string): (path: string) => number | undefined {
  let lines: Map<string, number> | undefined;
  return (path) => {
    lines ??= linesOfPaths(text);
    for (
      let part = path;
      part !== "";
      part = part.slice(0, Math.max(0, part.lastIndexOf("."), part.lastIndexOf("[")))
    ) {
      const line = lines.get(part);
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

/** Comments, strings, punctuation, words, line ends. */
const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[{}[\],:]|[^\s{}[\],:"'/]+|\s/g;

/** For text that parses. Of a key that is there twice the last counts, as in the parser. */
function linesOfPaths(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const stack: ({ kind: "object"; key: string | undefined } | { kind: "array"; index: number })[] = [];
  let line = 1;
  let key: { text: string; line: number } | undefined;
  const note = (at: number): void => {
    lines.set(formatPath(stack.map((level) => (level.kind === "array" ? level.index : (level.key ?? "")))), at);
  };
  for (const [piece] of text.matchAll(token)) {
    const at = line;
    for (let end = piece.indexOf("\n"); end >= 0; end = piece.indexOf("\n", end + 1)) line++;
    if (/^\s/.test(piece) || piece.startsWith("//") || piece.startsWith("/*")) continue;
    const level = stack.at(-1);
    const isPunctuation = piece.length === 1 && "{}[],:".includes(piece);
    if (level?.kind === "array" && (!isPunctuation || piece === "{" || piece === "[")) note(at);
    if (piece === "{") stack.push({ kind: "object", key: undefined });
    else if (piece === "[") stack.push({ kind: "array", index: 0 });
    else if (piece === "}" || piece === "]") stack.pop();
    else if (piece === "," && level?.kind === "array") level.index++;
    else if (piece === ":" && level?.kind === "object" && key) {
      level.key = key.text;
      note(key.line);
    } else if (!isPunctuation) key = { text: /^["']/.test(piece) ? piece.slice(1, -1) : piece, line: at };
  }
  return lines;
}
