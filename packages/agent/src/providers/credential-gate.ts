import type { Clock } from "@openclaw-gateway/server";

/** Without `Retry-After`: the first pause after a refusal, doubled by each that follows, up to the bound. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** Once this many calls were let through in a row the limit counts as gone. */
const openAgainAt = 64;

/** The right to make one call; exactly one of its methods is called, once. */
export type Pass = {
  /** The provider took the call. */
  accepted(): void;
  /** The provider refused it for its rate. */
  limited(retryAfterMs: number | undefined): void;
  /** It failed in some other way, or was given up. */
  released(): void;
};

/**
 * Keeps all turns that use one credential from storming a provider that refuses them. A refusal starts a pause; refusals
 * of calls that were already under way do not make it longer. After the pause one call goes first, then two, four, …
 */
export function createCredentialGate(clock: Clock, random: () => number = Math.random) {
  let pausedUntilMs = 0;
  let pauses = 0;
  let strikes = 0;
  let room = Number.POSITIVE_INFINITY;
  let underWay = 0;
  let changed = Promise.withResolvers<void>();

  const announce = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };

  return {
    /** How long the pause still lasts. */
    pauseMs: (): number => Math.max(0, pausedUntilMs - clock.now()),
    get hasRoom(): boolean {
      return underWay < room;
    },
    /** Settles when `hasRoom` or the pause may have changed. */
    change: (): Promise<void> => changed.promise,
    take: (): Pass => {
      const takenIn = pauses;
      underWay++;
      let isOpen = true;
      const settle = (then: () => void) => {
        if (!isOpen) return;
        isOpen = false;
        underWay--;
        then();
        announce();
      };
      return {
        accepted: () =>
          settle(() => {
            if (takenIn !== pauses) return;
            strikes = 0;
            room = room * 2 >= openAgainAt ? Number.POSITIVE_INFINITY : room * 2;
          }),
        limited: (retryAfterMs) =>
          settle(() => {
            if (takenIn !== pauses || clock.now() < pausedUntilMs) return;
            const pauseMs =
              retryAfterMs ?? Math.min(longestPauseMs, firstPauseMs * 2 ** strikes) * (0.75 + random() / 4);
            pausedUntilMs = clock.now() + pauseMs;
            pauses++;
            strikes++;
            room = 1;
          }),
        released: () => settle(() => {}),
      };
    },
  };
}
export type CredentialGate = ReturnType<typeof createCredentialGate>;

/** One gate for everything that uses the same key. */
export function createCredentialGates(clock: Clock): (credential: string) => CredentialGate {
  const gates = new Map<string, CredentialGate>();
  return (credential) => {
    let gate = gates.get(credential);
    if (!gate) gates.set(credential, (gate = createCredentialGate(clock)));
    return gate;
  };
}
