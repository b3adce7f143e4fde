const fence = /^ {0,3}(`{3,}|~{3,})/;
const definition = /^ {0,3}\[[^\]]+\]:/m;
/** A line that may belong to what stands before the blank line: list items, indented code, quotes, tables. */
const continues = /^(\s|[-*+>|]|\d+[.)])/;

/**
 * Cuts markdown into parts that mean the same on their own, so that a growing answer is parsed only where it grows.
 * Texts with reference definitions stay whole, because those reach everywhere.
 */
export function splitBlocks(markdown: string): string[] {
  if (definition.test(markdown)) return [markdown];
  const blocks: string[] = [];
  let block: string[] = [];
  let openFence: string | undefined;
  let isAfterBlank = false;
  for (const line of markdown.split("\n")) {
    const mark = fence.exec(line)?.[1];
    if (openFence === undefined && isAfterBlank && block.length > 0 && line.trim() !== "" && !continues.test(line)) {
      blocks.push(block.join("\n"));
      block = [];
    }
    if (mark !== undefined) {
      if (openFence === undefined) openFence = mark;
      else if (mark[0] === openFence[0] && mark.length >= openFence.length && line.trim() === mark)
        openFence = undefined;
    }
    block.push(line);
    isAfterBlank = line.trim() === "";
  }
  if (block.some((line) => line.trim() !== "")) blocks.push(block.join("\n"));
  return blocks;
}
