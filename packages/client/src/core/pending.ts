import type { Accepted, MethodName } from "@openclaw-gateway/protocol";
import type { Cancel, Clock } from "./clock.ts";
import { ConnectionError } from "./connection-error.ts";
import type { RequestOptions } from "./options.ts";
import { type Answer, readError } from "./read-frame.ts";

type TwoPhaseMethod = { [M in MethodName]: [Accepted<M>] extends [never] ? never : M }[MethodName];

/** Methods whose `accepted` answer is followed by another; the type keeps it equal to the catalogue. */
const twoPhase: Readonly<Record<TwoPhaseMethod, true>> = { agent: true, "exec.approval.request": true };

type Entry = {
  id: string;
  method: string;
  params: unknown;
  /** `held`: not sent yet. `accepted`: sent, and the first of two answers came. */
  phase: "held" | "sent" | "accepted";
  resolve(payload: unknown): void;
  reject(error: Error): void;
  options: RequestOptions;
  cancelTimeout: Cancel;
  forget(): void;
};

/** Requests that wait for an answer, each under its own id. */
export interface Pending {
  /** The catalogue says what `R` is; the client does not check it again. */
  add<R>(method: string, params: unknown, options: RequestOptions): Promise<R>;
  /** Sends what was held; `isLinkReady` must hold. */
  sendHeld(): void;
  /** False for an id nobody waits for (any more). */
  settle(answer: Answer): boolean;
  /** Rejects what was sent, and with `held` also what was not. */
  rejectAll(error: ConnectionError, held: boolean): void;
}

export type PendingDeps = {
  clock: Clock;
  defaultTimeoutMs: number;
  isLinkReady(): boolean;
  /** Why the present gateway cannot have this method; a promise only where finding out takes a moment. */
  whyUnsupported(method: string): undefined | Promise<ConnectionError | undefined>;
  /** Writes a request; throws what makes it impossible. */
  write(id: string, method: string, params: unknown): void;
};

export function createPending(deps: PendingDeps): Pending {
  const { clock } = deps;
  const entries = new Map<string, Entry>();
  let lastId = 0;

  function transmit(entry: Entry): void {
    const verdict = deps.whyUnsupported(entry.method);
    if (verdict === undefined) return write(entry);
    verdict.then(
      (error) => {
        if (entries.get(entry.id) !== entry || entry.phase !== "held") return;
        if (error) fail(entry, error);
        // Otherwise the link was lost meanwhile and the entry waits for the next.
        else if (deps.isLinkReady()) write(entry);
      },
      (error: unknown) => fail(entry, error instanceof Error ? error : new Error(String(error))),
    );
  }

  function write(entry: Entry): void {
    entry.phase = "sent";
    try {
      deps.write(entry.id, entry.method, entry.params);
    } catch (error) {
      fail(entry, error instanceof Error ? error : new Error(String(error)));
    }
  }

  function fail(entry: Entry, error: Error): void {
    entry.forget();
    entry.reject(error);
  }

  return {
    add: <R>(method: string, params: unknown, options: RequestOptions) =>
      new Promise<R>((resolve, reject) => {
        const { signal, timeoutMs } = options;
        lastId++;
        const id = String(lastId);
        const aborted = (): void =>
          fail(entry, new ConnectionError("aborted", `${method}: aborted by the caller`, { cause: signal?.reason }));
        const entry: Entry = {
          id,
          method,
          params,
          phase: "held",
          resolve: (payload) => resolve(payload as R),
          reject,
          options,
          cancelTimeout: () => {},
          forget: () => {
            entries.delete(id);
            entry.cancelTimeout();
            signal?.removeEventListener("abort", aborted);
          },
        };
        if (signal?.aborted) return aborted();
        signal?.addEventListener("abort", aborted, { once: true });
        const limitMs = timeoutMs ?? deps.defaultTimeoutMs;
        if (Number.isFinite(limitMs)) {
          entry.cancelTimeout = clock.at(clock.now() + limitMs, () =>
            fail(entry, new ConnectionError("timeout", `${method}: no answer within ${limitMs}ms`)),
          );
        }
        entries.set(id, entry);
        if (deps.isLinkReady()) transmit(entry);
      }),

    sendHeld: () => {
      for (const entry of entries.values()) if (entry.phase === "held") transmit(entry);
    },

    settle: (answer) => {
      const entry = entries.get(answer.id);
      if (entry === undefined) return false;
      if (!answer.ok) {
        fail(entry, readError(answer));
        return true;
      }
      if (entry.phase === "sent" && isAccepted(answer.payload) && isTwoPhase(entry)) {
        entry.phase = "accepted";
        // The work may take as long as it takes, unless the caller said otherwise.
        if (entry.options.timeoutMs === undefined) entry.cancelTimeout();
        try {
          entry.options.onAccepted?.(answer.payload);
        } catch (error) {
          fail(entry, error instanceof Error ? error : new Error(String(error)));
        }
        return true;
      }
      entry.forget();
      entry.resolve(answer.payload);
      return true;
    },

    rejectAll: (error, held) => {
      for (const entry of entries.values()) if (held || entry.phase !== "held") fail(entry, error);
    },
  };
}

const isTwoPhase = (entry: Entry): boolean =>
  entry.options.onAccepted !== undefined || Object.hasOwn(twoPhase, entry.method);

const isAccepted = (payload: unknown): boolean =>
  typeof payload === "object" && payload !== null && "status" in payload && payload.status === "accepted";
