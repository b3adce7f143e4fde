import type { HelloOk, Result } from "@openclaw-gateway/protocol";
import type { EventFrame } from "@openclaw-gateway/protocol/wire";
import { ConnectionError } from "./connection-error.ts";
import { missedFrame } from "./followings.ts";

/** A connection that is no more, with the last number that arrived on it. */
export type LostLink = { connId: string; seq: number };

/** Asks a new link for what the lost one was not sent; what arrives meanwhile waits, so that the order stays. */
export function createLostEvents(deps: {
  ask: (lost: LostLink) => Promise<Result<"events.resume">>;
  deliver: (frame: EventFrame) => void;
  /** It is not known any more: state built from events should be read again. */
  onLost: (lost: LostLink) => void;
}) {
  let connId: string | undefined;
  /** The oldest link whose events are still owed. */
  let owed: LostLink | undefined;
  let held: EventFrame[] | undefined;

  function release(): void {
    owed = undefined;
    const frames = held ?? [];
    held = undefined;
    for (const frame of frames) deps.deliver(frame);
  }

  return {
    linkLost: (lastSeq: number | undefined): void => {
      // What was held back is owed again with the rest.
      held = undefined;
      if (connId !== undefined) owed ??= { connId, seq: lastSeq ?? 0 };
      connId = undefined;
    },

    resume: (hello: HelloOk | undefined): void => {
      const canResume = hello?.features.methods.includes("events.resume") === true;
      connId = canResume ? hello.server.connId : undefined;
      const lost = owed;
      if (lost === undefined) return;
      if (!canResume) return void (owed = undefined);
      const mine: EventFrame[] = [];
      held = mine;
      deps.ask(lost).then(
        (answer) => {
          if (held !== mine) return;
          if (answer.ok) for (const missed of answer.events) deps.deliver(missedFrame(missed));
          else deps.onLost(lost);
          release();
        },
        (error: unknown) => {
          if (held !== mine || (error instanceof ConnectionError && error.reason === "closed")) return;
          deps.onLost(lost);
          release();
        },
      );
    },

    /** Keeps an event back until the answer is there. */
    holds: (frame: EventFrame): boolean => {
      if (held === undefined || frame.event === "connect.challenge") return false;
      held.push(frame);
      return true;
    },
  };
}
