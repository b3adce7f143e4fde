import type { Unsubscribe } from "./core/index.ts";
import { createListeners, type Listeners } from "./core/listeners.ts";

/** Listeners by the name of what they listen to. */
export interface EventHub {
  call(event: string, payload: unknown): void;
  add(event: string, listener: (payload: never) => void): Unsubscribe;
  once(event: string, listener: (payload: never) => void): Unsubscribe;
  /** Takes away a listener; of one that was added more than once, the last. */
  remove(event: string, listener: (payload: never) => void): void;
}

export function createEventHub(): EventHub {
  const byEvent = new Map<string, { listeners: Listeners<unknown>; removals: Map<unknown, Unsubscribe> }>();

  function add(event: string, listener: (payload: never) => void, key: unknown = listener): Unsubscribe {
    let entry = byEvent.get(event);
    if (entry === undefined) byEvent.set(event, (entry = { listeners: createListeners(), removals: new Map() }));
    const { listeners, removals } = entry;
    // Whoever names the event says what it carries; payloads are not checked again.
    const remove = listeners.add(listener as (payload: unknown) => void);
    removals.set(key, remove);
    return () => {
      remove();
      if (removals.get(key) === remove) removals.delete(key);
    };
  }

  return {
    call: (event, payload) => byEvent.get(event)?.listeners.call(payload),
    add: (event, listener) => add(event, listener),
    once: (event, listener) => {
      const off = add(
        event,
        (payload: never) => {
          off();
          listener(payload);
        },
        listener,
      );
      return off;
    },
    remove: (event, listener) => byEvent.get(event)?.removals.get(listener)?.(),
  };
}
