import type { Clock } from "../platform/clock.ts";
import { createQueueOf, type QueueOf } from "../platform/queue-of.ts";

/** A socket that has not finished its handshake. */
type Waiting = {
  /** Whether it has said nothing yet. */
  readonly isSilent: boolean;
  drop(): void;
};
type Seat = { socket: Waiting; sinceMs: number; leave(): void };

/**
 * Sockets before `hello-ok`: in all, of those that have waited for longer than `patienceMs`, and from one address that is
 * not this machine.
 */
const waitingLimits = { total: 512, patient: 128, patienceMs: 250, perAddress: 32 } as const;

/**
 * Bounds the sockets that have not finished their handshake. Nobody is turned away: whoever floods loses its own oldest
 * silent sockets, and a client that speaks at once gets through.
 */
export function createWaitingRoom(clock: Clock, limits: Record<keyof typeof waitingLimits, number> = waitingLimits) {
  const byAddress = new Map<string, QueueOf<Seat>>();
  let total = 0;

  const oldestOf = (seats: QueueOf<Seat> | undefined): Seat | undefined =>
    seats?.find(({ socket }) => socket.isSilent) ?? seats?.oldest;

  function drop(seat: Seat | undefined): void {
    seat?.leave();
    seat?.socket.drop();
  }

  function makeRoom(now: number): void {
    while (total >= limits.patient) {
      const seat = oldestOf(mostCrowded());
      if (!seat || (total < limits.total && now - seat.sinceMs <= limits.patienceMs)) return;
      drop(seat);
    }
  }

  function mostCrowded(): QueueOf<Seat> | undefined {
    let found: QueueOf<Seat> | undefined;
    for (const seats of byAddress.values()) if (seats.size > (found?.size ?? 0)) found = seats;
    return found;
  }

  return {
    get size() {
      return total;
    },
    /** Lets one more in; what must give way for it is dropped. Returns how to leave. */
    enter: (address: string, isBounded: boolean, socket: Waiting): (() => void) => {
      const crowd = byAddress.get(address);
      const now = clock.now();
      if (isBounded && (crowd?.size ?? 0) >= limits.perAddress) drop(oldestOf(crowd));
      else makeRoom(now);
      const seats = byAddress.get(address) ?? createQueueOf<Seat>();
      byAddress.set(address, seats);
      total++;
      let isSeated = true;
      const seat: Seat = {
        socket,
        sinceMs: now,
        leave: () => {
          if (!isSeated) return;
          isSeated = false;
          total--;
          leave();
          if (seats.size === 0) byAddress.delete(address);
        },
      };
      const leave = seats.add(seat);
      return seat.leave;
    },
  };
}
