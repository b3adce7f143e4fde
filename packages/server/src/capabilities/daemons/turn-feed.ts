/** One report of a daemon, waiting to be read by its turn. */
type Waiting<Item> = { items: readonly Item[]; size: number; taken: () => void };

/**
 * What a daemon reports, on its way to the turn that reads it. Each report is answered when it was read, so a daemon that
 * waits for answers is never faster than the gateway; one that does not is refused beyond `maxSize`.
 */
export function createTurnFeed<Item>(maxSize: number) {
  const waiting: Waiting<Item>[] = [];
  let size = 0;
  let isClosed = false;
  let wake = (): void => {};

  return {
    /** Resolves when the items were read or nobody reads any more; undefined when too much waits already. */
    push: (items: readonly Item[], itemsSize: number): Promise<void> | undefined => {
      if (isClosed) return Promise.resolve();
      // An empty feed takes anything: one report alone is bounded by the size of a message.
      if (size > 0 && size + itemsSize > maxSize) return undefined;
      size += itemsSize;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ items, size: itemsSize, taken: resolve });
      wake();
      return promise;
    },
    /** Ends the reading after what was pushed before, or at once. */
    close: ({ discard = false } = {}): void => {
      isClosed = true;
      if (discard) for (const { taken } of waiting.splice(0)) taken();
      wake();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
      for (;;) {
        const next = waiting[0];
        if (next) {
          yield* next.items;
          if (waiting[0] === next) waiting.shift();
          size -= next.size;
          next.taken();
        } else if (isClosed) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
export type TurnFeed<Item> = ReturnType<typeof createTurnFeed<Item>>;
