/** A socket that has not finished its handshake. */
type Waiting = {
  /** Whether it has said nothing yet. */
  readonly isSilent: boolean;
  drop(): void;
};

/** Sockets before `hello-ok`, in all and from one address that is not this machine. */
export const waitingLimits = { total: 512, perAddress: 32 } as const;

/**
 * Bounds the sockets that have not finished their handshake. Nobody is turned away: whoever floods loses its own oldest
 * silent sockets, and a client that speaks at once gets through.
 */
export function createWaitingRoom(limits: { total: number; perAddress: number } = waitingLimits) {
  const byAddress = new Map<string, Set<Waiting>>();
  let total = 0;

  function leave(address: string, socket: Waiting): void {
    const sockets = byAddress.get(address);
    if (!sockets?.delete(socket)) return;
    total--;
    if (sockets.size === 0) byAddress.delete(address);
  }

  function dropOldest(address: string): void {
    const sockets = byAddress.get(address) ?? new Set();
    let oldest: Waiting | undefined;
    for (const socket of sockets) {
      oldest ??= socket;
      if (!socket.isSilent) continue;
      oldest = socket;
      break;
    }
    if (!oldest) return;
    leave(address, oldest);
    oldest.drop();
  }

  function mostCrowded(): string {
    let [found, most] = ["", 0];
    for (const [address, { size }] of byAddress) if (size > most) [found, most] = [address, size];
    return found;
  }

  return {
    get size() {
      return total;
    },
    /** Lets one more in; what must give way for it is dropped. Returns whether something was. */
    enter: (address: string, isBounded: boolean, socket: Waiting): boolean => {
      const before = total;
      const isCrowded = isBounded && (byAddress.get(address)?.size ?? 0) >= limits.perAddress;
      if (isCrowded) dropOldest(address);
      else if (total >= limits.total) dropOldest(mostCrowded());
      const hasDropped = total < before;
      const sockets = byAddress.get(address) ?? new Set();
      byAddress.set(address, sockets.add(socket));
      total++;
      return hasDropped;
    },
    leave,
  };
}
