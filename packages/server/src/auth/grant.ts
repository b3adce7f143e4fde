import type { Principal } from "../rpc/principal.ts";

/** What let a caller in, remembered without the secret: whether the settings of this moment would let them in again. */
export type Grant = { readonly holds: () => boolean };

/** Somebody whose work goes on for a while after they were let in. */
type Holder = { principal: Principal; end: () => void };

/**
 * What is under way outside of WebSockets, such as a stream over HTTP: each is ended when the access of its caller has
 * been taken away.
 */
export function createLiveAccess() {
  const holders = new Set<Holder>();
  return {
    /** `end` is called at most once. The returned function ends the watch; call it when the work is done. */
    hold: (principal: Principal, end: () => void): (() => void) => {
      const holder: Holder = { principal, end };
      holders.add(holder);
      return () => void holders.delete(holder);
    },
    endSessions: (isOver: (principal: Principal) => boolean): void => {
      for (const holder of holders) {
        if (!isOver(holder.principal)) continue;
        holders.delete(holder);
        holder.end();
      }
    },
    get size() {
      return holders.size;
    },
  };
}
export type LiveAccess = ReturnType<typeof createLiveAccess>;
