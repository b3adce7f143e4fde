/** Runs pieces of work one after the other, in the order in which they come; a failing one does not hold up the next. */
export function inOrder(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}

/** The same for each key on its own. Keys are remembered as long as work of theirs is under way. */
export function inOrderOf(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const latest = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const done = (latest.get(key) ?? Promise.resolve()).then(work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    latest.set(key, settled);
    try {
      return await done;
    } finally {
      if (latest.get(key) === settled) latest.delete(key);
    }
  };
}
