import type { Interface } from "node:readline";

/** Lines in the order they were entered, also those that come while nobody waits; undefined when there will be no more. */
export function createLineQueue(reader: Interface): { next(): Promise<string | undefined> } {
  const lines: string[] = [];
  let isClosed = false;
  let waiting: ((line: string | undefined) => void) | undefined;

  reader.on("line", (line) => {
    if (waiting === undefined) lines.push(line);
    else take(line);
  });
  reader.on("close", () => {
    isClosed = true;
    take(undefined);
  });

  function take(line: string | undefined): void {
    waiting?.(line);
    waiting = undefined;
  }

  return {
    next: () =>
      new Promise((resolve) => {
        const line = lines.shift();
        if (line !== undefined || isClosed) resolve(line);
        else waiting = resolve;
      }),
  };
}
