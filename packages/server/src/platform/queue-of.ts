type Place<T> = { item: T | undefined; older: Place<T> | undefined; newer: Place<T> | undefined };

/**
 * Things in the order they came, of which any may leave. A `Set` does the same, but each table it outgrows keeps its
 * entries and the next table alive until the whole heap is collected: of what comes and goes in thousands, all is kept.
 */
export function createQueueOf<T extends object>() {
  let oldest: Place<T> | undefined;
  let newest: Place<T> | undefined;
  let size = 0;

  function remove(place: Place<T>): void {
    if (place.item === undefined) return;
    const { older, newer } = place;
    if (older) older.newer = newer;
    else oldest = newer;
    if (newer) newer.older = older;
    else newest = older;
    place.item = place.older = place.newer = undefined;
    size--;
  }

  return {
    get size() {
      return size;
    },
    get oldest() {
      return oldest?.item;
    },
    /** Returns how to leave; leaving twice does nothing. */
    add: (item: T): (() => void) => {
      const place: Place<T> = { item, older: newest, newer: undefined };
      if (newest) newest.newer = place;
      else oldest = place;
      newest = place;
      size++;
      return () => remove(place);
    },
    /** As they stand now, the oldest first; whoever is told may leave. */
    all: (): T[] => {
      const items: T[] = [];
      for (let place = oldest; place; place = place.newer) if (place.item) items.push(place.item);
      return items;
    },
    find: (fits: (item: T) => boolean): T | undefined => {
      for (let place = oldest; place; place = place.newer) if (place.item && fits(place.item)) return place.item;
      return undefined;
    },
  };
}
export type QueueOf<T extends object> = ReturnType<typeof createQueueOf<T>>;
