import JSON5 from "json5";

/** A value in JSON5 text and the places (offsets) of its parts. */
export type TextNode = { kind: "scalar"; start: number; end: number } | ContainerNode;
export type ContainerNode = { kind: "object" | "array"; start: number; end: number; items: TextItem[] };
/** A member of an object (`start` is that of its key) or of an array. `commaAt` is the comma after it. */
export type TextItem = { key?: string; start: number; value: TextNode; commaAt?: number };

const blank = /(?:\s|\uFEFF|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*/y;
const quoted = /"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'/y;
const word = /[^\s{}[\],:"'/]+/y;

/** The places of everything in text that the parser accepts; nothing for text it reads otherwise. */
export function readNodes(text: string): TextNode | undefined {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const expect = (character: string): void => {
    if (text[at] !== character) throw new Unreadable();
    at += 1;
  };

  function value(): TextNode {
    const start = at;
    if (text[at] === "{") return container("object", "}");
    if (text[at] === "[") return container("array", "]");
    if (take(quoted) === "" && take(word) === "") throw new Unreadable();
    return { kind: "scalar", start, end: at };
  }

  function container(kind: ContainerNode["kind"], close: string): ContainerNode {
    const start = at;
    const items: TextItem[] = [];
    at += 1;
    for (take(blank); text[at] !== close; take(blank)) {
      const item = kind === "object" ? member() : { start: at, value: value() };
      take(blank);
      if (text[at] === ",") items.push({ ...item, commaAt: at++ });
      else {
        items.push(item);
        if (text[at] !== close) throw new Unreadable();
      }
    }
    at += 1;
    return { kind, start, end: at, items };
  }

  function member(): TextItem {
    const start = at;
    const text5 = take(quoted);
    const key = text5 === "" ? take(word) : String(JSON5.parse(text5));
    take(blank);
    expect(":");
    take(blank);
    return { key, start, value: value() };
  }

  try {
    take(blank);
    const root = value();
    take(blank);
    return at === text.length ? root : undefined;
  } catch {
    return undefined;
  }
}

class Unreadable extends Error {}
