import { isDeepStrictEqual } from "node:util";
import JSON5 from "json5";
import { type ContainerNode, type TextNode, readNodes } from "./text-nodes.ts";

type Edit = { start: number; end: number; text: string };

/**
 * The text of a configuration with its content changed from `before` to `after`. Only the places that differ are
 * written anew, so comments and layout elsewhere stay. Where that cannot be done the whole is written as JSON.
 */
export function editConfigText(text: string, before: unknown, after: unknown): string {
  const edited = editPlaces(text, before, after);
  return edited !== undefined && means(edited, after) ? edited : `${JSON.stringify(after, undefined, 2)}\n`;
}

function editPlaces(text: string, before: unknown, after: unknown): string | undefined {
  const root = readNodes(text);
  if (!root) return undefined;
  const edits: Edit[] = [];
  collect(text, root, before, after, edits);
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce(
      (changed, { start, end, text: replacement }) => changed.slice(0, start) + replacement + changed.slice(end),
      text,
    );
}

/** What was written must be read as what was meant; a mistake of the editing costs the layout, never the content. */
function means(text: string, value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON5.parse(text), value);
  } catch {
    return false;
  }
}

function collect(text: string, node: TextNode, before: unknown, after: unknown, edits: Edit[]): void {
  if (isDeepStrictEqual(before, after)) return;
  if (node.kind === "object" && isRecord(before) && isRecord(after)) {
    const places = new Map(node.items.map((item) => [item.key, item]));
    for (const [key, item] of places) {
      if (key !== undefined && Object.hasOwn(after, key)) collect(text, item.value, before[key], after[key], edits);
    }
    const gone = node.items.map(({ key }) => key === undefined || !Object.hasOwn(after, key));
    const added = Object.entries(after).filter(([key]) => !places.has(key));
    return rearrange(
      text,
      node,
      gone,
      added.map(([key, value]) => ({ label: `${JSON.stringify(key)}: `, value })),
      after,
      edits,
    );
  }
  if (node.kind === "array" && Array.isArray(before) && Array.isArray(after)) {
    const kept = after.length < before.length ? keptOf(before, after) : undefined;
    if (kept || after.length >= before.length) {
      if (!kept)
        for (const [index, item] of node.items.entries()) collect(text, item.value, before[index], after[index], edits);
      const added = after.slice(before.length).map((value: unknown) => ({ label: "", value }));
      return rearrange(text, node, kept?.map((isKept) => !isKept) ?? [], added, after, edits);
    }
  }
  edits.push({ start: node.start, end: node.end, text: write(after, indentAt(text, node.start)) });
}

/** Which members of a list are still there when some were only taken out; nothing when it changed otherwise. */
function keptOf(before: readonly unknown[], after: readonly unknown[]): boolean[] | undefined {
  let next = 0;
  const kept = before.map((member) => {
    const isKept = next < after.length && isDeepStrictEqual(member, after[next]);
    if (isKept) next += 1;
    return isKept;
  });
  return next === after.length ? kept : undefined;
}

type Added = { label: string; value: unknown };

function rearrange(
  text: string,
  node: ContainerNode,
  gone: readonly boolean[],
  added: readonly Added[],
  whole: unknown,
  edits: Edit[],
): void {
  const last = node.items.at(-1);
  if (last && gone[node.items.length - 1] && (added.length > 0 || gone.every(Boolean))) {
    const inside = edits.findIndex((edit) => edit.start >= node.start && edit.end <= node.end);
    if (inside >= 0)
      edits.splice(0, edits.length, ...edits.filter((edit) => edit.start < node.start || edit.end > node.end));
    edits.push({ start: node.start, end: node.end, text: write(whole, indentAt(text, node.start)) });
    return;
  }
  for (const [index, item] of node.items.entries()) {
    if (!gone[index]) continue;
    const isTail = gone.slice(index).every(Boolean);
    const previous = node.items[index - 1];
    // The comma goes with what it separates; at the end that is the one before.
    if (isTail && previous && !gone[index - 1] && previous.commaAt !== undefined && last?.commaAt === undefined) {
      edits.push({ start: previous.commaAt, end: previous.commaAt + 1, text: "" });
    }
    edits.push({ start: lineBegin(text, item.start), end: (item.commaAt ?? item.value.end - 1) + 1, text: "" });
  }
  if (added.length === 0) return;
  const outer = indentAt(text, node.start);
  const isOnLines = node.items.length === 0 || text.slice(node.start, node.items[0]?.start).includes("\n");
  const inner = last && isOnLines ? indentAt(text, last.start) : `${outer}  `;
  const pieces = added
    .map(({ label, value }) => (isOnLines ? `\n${inner}` : " ") + label + write(value, isOnLines ? inner : outer))
    .join(",");
  const end = isOnLines && !last ? `\n${outer}` : "";
  const at = last ? (last.commaAt !== undefined ? last.commaAt + 1 : last.value.end) : node.start + 1;
  edits.push({ start: at, end: at, text: `${last && last.commaAt === undefined ? "," : ""}${pieces}${end}` });
}

const write = (value: unknown, indent: string): string =>
  JSON.stringify(value, undefined, 2).replaceAll("\n", `\n${indent}`);

/** The white space that the line of a place begins with. */
function indentAt(text: string, at: number): string {
  const begin = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(begin, at))?.[0] ?? "";
}

/** The place itself, or the end of the line before when nothing else stands before it on its own. */
function lineBegin(text: string, at: number): number {
  const begin = text.lastIndexOf("\n", at - 1);
  return begin >= 0 && text.slice(begin, at).trim() === "" ? begin : at;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
