import type { Unsubscribe } from "./gateway-client.ts";

/** Functions that want to hear of something. */
export type Listeners<T> = {
  add(listener: (value: T) => void): Unsubscribe;
  call(value: T): void;
};

/** A listener that throws is reported as an uncaught error of its own and does not keep the others from hearing. */
export function createListeners<T>(): Listeners<T> {
  const all = new Set<{ listener: (value: T) => void }>();
  return {
    add: (listener) => {
      const entry = { listener };
      all.add(entry);
      return () => void all.delete(entry);
    },
    call: (value) => {
      for (const { listener } of Array.from(all)) {
        try {
          listener(value);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
