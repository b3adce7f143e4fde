import type { KeptEvent, ReplayedEvent } from "./stream-log.ts";

type Merged = { last: KeptEvent; pieces: string; replaces: boolean; count: number };

/**
 * The events again, in order. What one thing grew by between two events that are no growth is told at once, at the place
 * of its last piece.
 */
export function mergeGrowth(events: readonly KeptEvent[]): ReplayedEvent[] {
  const replayed: ReplayedEvent[] = [];
  const growing = new Map<string, Merged>();

  function tellGrown(): void {
    for (const { last, pieces, replaces, count } of growing.values()) {
      if (!("growth" in last.content)) continue;
      const payload = last.content.growth.tell?.(pieces, replaces);
      const position = count > 1 ? { ...last.position, coalesced: true as const } : last.position;
      replayed.push({ event: last.event, payload, position });
    }
    growing.clear();
  }

  for (const kept of events) {
    if (!("growth" in kept.content)) {
      tellGrown();
      replayed.push({ event: kept.event, payload: JSON.parse(kept.content.json), position: kept.position });
      continue;
    }
    const { key, piece, replaces } = kept.content.growth;
    const before = growing.get(key);
    // Last in the map is last in time.
    growing.delete(key);
    growing.set(key, {
      last: kept,
      pieces: replaces ? piece : (before?.pieces ?? "") + piece,
      replaces: replaces || (before?.replaces ?? false),
      count: (before?.count ?? 0) + 1,
    });
  }
  tellGrown();
  return replayed;
}
