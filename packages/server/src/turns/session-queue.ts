/**
 * One running turn per session, the rest in order; sessions run side by side up to a bound. Knows nothing of what a turn
 * does.
 */
export function createSessionQueue(settings: { maxRunning: number; maxQueued: number }) {
  type Entry = { id: string; run: () => Promise<void> };
  const sessions = new Map<string, { waiting: Entry[]; isRunning: boolean }>();
  const ready: string[] = [];
  let running = 0;
  let queued = 0;
  let isHeld = true;

  function pump(): void {
    while (!isHeld && running < settings.maxRunning) {
      const key = ready.shift();
      if (key === undefined) return;
      const session = sessions.get(key);
      const entry = session?.waiting.shift();
      if (!session || !entry) continue;
      session.isRunning = true;
      running++;
      queued--;
      void entry.run().finally(() => {
        running--;
        session.isRunning = false;
        if (session.waiting.length > 0) ready.push(key);
        else sessions.delete(key);
        pump();
      });
    }
  }

  return {
    /** Whether another entry may be added; the caller answers an overload before it promises anything. */
    get isFull() {
      return queued >= settings.maxQueued;
    },
    get running() {
      return running;
    },
    get queued() {
      return queued;
    },
    add: (key: string, entry: Entry): void => {
      let session = sessions.get(key);
      if (!session) sessions.set(key, (session = { waiting: [], isRunning: false }));
      session.waiting.push(entry);
      queued++;
      if (!session.isRunning && session.waiting.length === 1) ready.push(key);
      pump();
    },
    /** Takes a waiting entry out; false when it runs already or is unknown. */
    remove: (key: string, id: string): boolean => {
      const session = sessions.get(key);
      const index = session?.waiting.findIndex((entry) => entry.id === id) ?? -1;
      if (!session || index < 0) return false;
      session.waiting.splice(index, 1);
      queued--;
      return true;
    },
    /** Nothing starts before this: recovery puts back what waited in the last life, in order. */
    release: (): void => {
      isHeld = false;
      pump();
    },
    /** Starts no further entries; what runs goes on. */
    hold: (): void => {
      isHeld = true;
    },
  };
}
