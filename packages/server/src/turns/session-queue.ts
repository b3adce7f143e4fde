import type { QueueMode } from "./queue-mode.ts";

type Entry = {
  id: string;
  mode: QueueMode;
  /** Entries of a lane that has a limit of its own; they do not take the place of others. */
  lane?: string;
  run: () => Promise<void>;
};

/**
 * One running turn per session, the rest in order; sessions run side by side up to a bound. Knows nothing of what a turn
 * does.
 */
export function createSessionQueue(settings: {
  maxRunning: number;
  maxQueued: number;
  /** Entries of a lane that run at the same time at most; asked with each start. */
  maxRunningOf?: Readonly<Record<string, () => number>>;
}) {
  const sessions = new Map<string, { waiting: Entry[]; running: string | undefined }>();
  const ready: string[] = [];
  const runningOfLane = new Map<string, number>();
  let running = 0;
  let queued = 0;
  let isHeld = true;

  const hasRoom = ({ lane }: Entry): boolean =>
    lane === undefined ||
    (runningOfLane.get(lane) ?? 0) < (settings.maxRunningOf?.[lane]?.() ?? Number.POSITIVE_INFINITY);
  function count({ lane }: Entry, change: 1 | -1): void {
    running += change;
    if (lane !== undefined) runningOfLane.set(lane, (runningOfLane.get(lane) ?? 0) + change);
  }

  /** The next session that is idle and whose first entry may run now. */
  function takeReady(): string | undefined {
    const index = ready.findIndex((key) => {
      const session = sessions.get(key);
      const first = session?.running === undefined ? session?.waiting[0] : undefined;
      // A session without one is taken too, to be dropped from the list.
      return !first || hasRoom(first);
    });
    return index < 0 ? undefined : ready.splice(index, 1)[0];
  }

  function pump(): void {
    while (!isHeld && running < settings.maxRunning) {
      const key = takeReady();
      if (key === undefined) return;
      const session = sessions.get(key);
      // A session whose only message was taken out may be listed twice by the time another one came.
      if (!session || session.running !== undefined) continue;
      const entry = session.waiting.shift();
      if (!entry) continue;
      session.running = entry.id;
      count(entry, 1);
      queued--;
      void entry.run().finally(() => {
        count(entry, -1);
        session.running = undefined;
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
    waiting: (key: string): number => sessions.get(key)?.waiting.length ?? 0,
    /** The id of the entry of a session that runs. */
    runningOf: (key: string): string | undefined => sessions.get(key)?.running,
    /** One that interrupts goes before those that wait, but behind others that interrupt. */
    add: (key: string, entry: Entry): void => {
      let session = sessions.get(key);
      if (!session) sessions.set(key, (session = { waiting: [], running: undefined }));
      const place = entry.mode === "interrupt" ? session.waiting.findIndex(({ mode }) => mode !== "interrupt") : -1;
      session.waiting.splice(place < 0 ? session.waiting.length : place, 0, entry);
      queued++;
      if (session.running === undefined && session.waiting.length === 1) ready.push(key);
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
    /** Takes out the next entries as far as they are of the same mode; those of `queue` stay alone. */
    takeAlike: (key: string, own: QueueMode): string[] => {
      if (own === "queue") return [];
      const waiting = sessions.get(key)?.waiting ?? [];
      const other = waiting.findIndex(({ mode }) => mode !== own);
      const taken = waiting.splice(0, other < 0 ? waiting.length : other);
      queued -= taken.length;
      return taken.map(({ id }) => id);
    },
    /** Takes out what waits to be handed to the running entry, whatever else waits. */
    takeSteering: (key: string): string[] => {
      const session = sessions.get(key);
      const taken = session?.waiting.filter(({ mode }) => mode === "steer") ?? [];
      if (session && taken.length > 0) session.waiting = session.waiting.filter(({ mode }) => mode !== "steer");
      queued -= taken.length;
      return taken.map(({ id }) => id);
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
