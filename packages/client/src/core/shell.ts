import type { Cancel, Clock } from "./clock.ts";
import { type Challenge, type ConnEffect, type ConnInput, type ConnState, type RetryAt, step } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import type { ClientSocket, OpenSocket, SocketLimits } from "./socket.ts";

export type ShellDeps = {
  url: string;
  openSocket: OpenSocket;
  socketLimits: SocketLimits;
  clock: Clock;
  deadlinesMs: { open: number; challenge: number; hello: number };
  retryAt: RetryAt;
  /** `connect` does not wait for the challenge. */
  connectsFirst: boolean;
  sendConnect(challenge: Challenge): void;
  dropDeviceToken(): void;
  onMessage(text: string): void;
  /** After the effects of the change are done. */
  onState(state: ConnState): void;
  replaySubscriptions(): void;
  sendHeld(): void;
  rejectPending(error: ConnectionError, held: boolean): void;
};

/** Runs the state machine: the only code with sockets and timers of the connection. */
export interface Shell {
  readonly state: ConnState;
  take(input: ConnInput): void;
  send(text: string): void;
  /** A stopped story is final; this begins a new one. */
  begin(): void;
  /** Resolves when no socket is left, closing ones included. */
  whenSocketsGone(): Promise<void>;
}

export function createShell(deps: ShellDeps): Shell {
  const { clock, deadlinesMs } = deps;
  let state: ConnState = { at: "idle" };
  let socket: ClientSocket | undefined;
  /** Sockets that have not reported their end yet, with who waits for it. */
  const gone = new Map<symbol, PromiseWithResolvers<void>>();
  let cancelTimer: Cancel = () => {};
  const inputs: { input: ConnInput; isValid: () => boolean }[] = [];
  let isBusy = false;

  /** Listeners may cause inputs; those wait until the present one is done. */
  function take(input: ConnInput, isValid = () => true): void {
    inputs.push({ input, isValid });
    if (isBusy) return;
    isBusy = true;
    try {
      for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
        if (next.isValid()) advance(next.input);
      }
    } finally {
      isBusy = false;
    }
  }

  function advance(input: ConnInput): void {
    if (input.on === "socket-closed") socket = undefined;
    const [next, ...effects] = step(state, input, deps.retryAt);
    if (next === state) return;
    // Timers belong to a state: leaving it cancels them.
    cancelTimer();
    state = next;
    for (const effect of effects) run(effect);
    deps.onState(next);
  }

  function run(effect: ConnEffect): void {
    switch (effect.do) {
      case "open-socket":
        return openSocket();
      case "close-socket":
        socket?.close(effect.code, effect.reason);
        socket = undefined;
        return;
      case "send-connect":
        return deps.sendConnect(effect.challenge);
      case "drop-device-token":
        return deps.dropDeviceToken();
      case "set-deadline":
        return setDeadline(effect.waitingFor);
      case "replay-subscriptions":
        return deps.replaySubscriptions();
      case "send-held":
        return deps.sendHeld();
      case "reject-pending":
        return deps.rejectPending(effect.error, effect.held);
      case "schedule-retry":
        cancelTimer = clock.at(effect.atMs, () => take({ on: "retry-due" }));
        return;
      default:
        return effect satisfies never;
    }
  }

  function openSocket(): void {
    const id = Symbol("socket");
    gone.set(id, Promise.withResolvers<void>());
    // A socket we let go may still speak; nobody listens to it any more.
    const isCurrent = (): boolean => opened === socket;
    const opened: ClientSocket = deps.openSocket(
      deps.url,
      {
        onOpen: () => {
          take({ on: "socket-opened" }, isCurrent);
          // The challenge that comes later finds `connect` sent, and changes nothing.
          if (deps.connectsFirst) take({ on: "challenge", challenge: noChallenge }, isCurrent);
        },
        onMessage: (text) => isCurrent() && deps.onMessage(text),
        onClose: (code, reason, error) => {
          gone.get(id)?.resolve();
          gone.delete(id);
          take({ on: "socket-closed", error: closedError(code, reason, error) }, isCurrent);
        },
      },
      deps.socketLimits,
    );
    socket = opened;
  }

  function setDeadline(waitingFor: "open" | "challenge" | "hello"): void {
    const ms = deadlinesMs[waitingFor];
    const message = {
      open: `Connection timeout after ${ms}ms`,
      challenge: `no connect.challenge within ${ms}ms`,
      hello: `no answer to connect within ${ms}ms`,
    }[waitingFor];
    cancelTimer = clock.at(clock.now() + ms, () =>
      take({ on: "deadline", error: new ConnectionError("timeout", message) }),
    );
  }

  return {
    get state() {
      return state;
    },
    take: (input) => take(input),
    send: (text) => socket?.send(text),
    begin: () => {
      if (state.at === "stopped") state = { at: "idle" };
      take({ on: "connect" });
    },
    whenSocketsGone: async () => {
      await Promise.all([...gone.values()].map(({ promise }) => promise));
    },
  };
}

/** In the place of one, where nothing is signed. */
const noChallenge: Challenge = { nonce: "", tsMs: undefined };

/** The reason comes first: it is what the gateway said, and `endings.ts` reads it. */
function closedError(code: number, reason: string, error: Error | undefined): ConnectionError {
  const message = reason || error?.message || `connection closed (${code})`;
  // The transport's own verdict about the peer, told by name: this code runs without Node.
  if (error?.name === "CertificatePinError") return new ConnectionError("untrusted", message, { cause: error });
  return new ConnectionError("closed", message, { closeCode: code, ...(error ? { cause: error } : {}) });
}
