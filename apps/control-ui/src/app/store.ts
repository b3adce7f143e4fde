/** A value that changes by actions only. */
export type Store<State, Action> = {
  get(): State;
  dispatch(action: Action): void;
  /** Calls back after each change; the returned call ends it. */
  subscribe(listener: () => void): () => void;
};

/** Holds the state of the page; `reduce` is pure. */
export function createStore<State, Action>(
  initial: State,
  reduce: (state: State, action: Action) => State,
): Store<State, Action> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch: (action) => {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
