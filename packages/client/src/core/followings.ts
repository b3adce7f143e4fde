import type { Result, StreamPosition, StreamSnapshot } from "@openclaw-gateway/protocol";
import type { EventFrame } from "@openclaw-gateway/protocol/wire";
import { ConnectionError } from "./connection-error.ts";
import { judge, placeOf, type StreamPlace } from "./stream-cursor.ts";

/** A session, by any of its keys, or one run. */
export type FollowTarget = { sessionKey: string; runId?: never } | { runId: string; sessionKey?: never };

/** Where to begin, and what to do where events alone cannot tell. */
export type FollowOptions = {
  /** Where an earlier page or process stopped reading. */
  from?: StreamPosition;
  /** How things stand when events alone cannot tell: at the beginning, and when what was missed is no longer kept. */
  onSnapshot?(snapshot: StreamSnapshot): void;
};

/** Events of one stream, each once and in order over any number of connections. They reach the usual listeners. */
export type Following = {
  /** Resolves when the gateway has answered the first time; rejects when it cannot. */
  readonly ready: Promise<void>;
  /** After the last event that was delivered. */
  readonly position: StreamPosition | undefined;
  stop(): void;
};

type Entry = {
  target: FollowTarget;
  options: FollowOptions;
  /** Canonical, once the gateway has said so. */
  sessionKey: string | undefined;
  /** `new`: everything passes. `live`: each event follows the one before. `asking`: events wait for what was missed. */
  state: "new" | "live" | "asking";
  at: StreamPlace | undefined;
  held: EventFrame[];
  /** What passed before the first answer was taken: it may already be beyond where that answer begins. */
  early: EventFrame[];
  ready: PromiseWithResolvers<void>;
};

export type FollowingsDeps = {
  isLinkReady: () => boolean;
  subscribe: (params: FollowTarget & { from?: StreamPosition }) => Promise<Result<"streams.subscribe">>;
  unsubscribe: (target: FollowTarget) => Promise<unknown>;
  deliver: (frame: EventFrame) => void;
  /** What was missed cannot be had. */
  onLost: () => void;
};

/** Keeps followed streams whole: asks for what is missing, holds back what came too early, drops what came before. */
export function createFollowings(deps: FollowingsDeps) {
  const entries = new Set<Entry>();

  const covers = ({ target, sessionKey }: Entry, { position }: EventFrame): boolean =>
    position !== undefined &&
    (target.runId === undefined ? position.sessionKey === sessionKey : position.runId === target.runId);

  const verdictOf = (entry: Entry, { position }: EventFrame) =>
    entry.at && position
      ? judge(entry.at, placeOf(position, entry.target.runId !== undefined), position.coalesced)
      : "beyond";

  /** Another following of the same session may have delivered it. */
  const isSeenByOthers = (mine: Entry, frame: EventFrame): boolean =>
    [...entries].some((other) => other !== mine && covers(other, frame) && verdictOf(other, frame) === "seen");

  function advance(entry: Entry, { position }: EventFrame): void {
    if (position) entry.at = placeOf(position, entry.target.runId !== undefined);
  }

  function offer(entry: Entry, frame: EventFrame): "accept" | "hold" | "seen" {
    if (entry.state === "new") return "accept";
    const verdict = entry.state === "live" ? verdictOf(entry, frame) : "beyond";
    if (verdict === "seen") return "seen";
    if (verdict === "next") {
      advance(entry, frame);
      return "accept";
    }
    entry.held.push(frame);
    if (entry.state === "live") ask(entry);
    return "hold";
  }

  function ask(entry: Entry): void {
    if (entry.at) entry.state = "asking";
    const { target, at, options } = entry;
    const from = at ?? options.from;
    deps.subscribe({ ...target, ...(from && { from }) }).then(
      (answer) => {
        if (!entries.has(entry)) return;
        take(entry, answer);
        entry.ready.resolve();
      },
      (error: unknown) => {
        // A lost link is followed by a new question.
        if (!entries.has(entry) || (error instanceof ConnectionError && error.reason === "closed")) return;
        if (entry.sessionKey === undefined) {
          entries.delete(entry);
          return entry.ready.reject(error);
        }
        entry.state = "new";
        entry.at = undefined;
        deps.onLost();
        for (const frame of entry.held.splice(0)) if (!isSeenByOthers(entry, frame)) deps.deliver(frame);
      },
    );
  }

  function take(entry: Entry, { sessionKey, position, events, snapshot }: Result<"streams.subscribe">): void {
    entry.sessionKey = sessionKey;
    const early = entry.early.splice(0).filter((frame) => covers(entry, frame));
    for (const missed of events) {
      const frame = missedFrame(missed);
      const isSeen = isSeenByOthers(entry, frame) || early.some((one) => isSamePlace(one, frame));
      advance(entry, frame);
      if (!isSeen) deps.deliver(frame);
    }
    entry.at = position;
    entry.state = "live";
    for (const frame of early) if (verdictOf(entry, frame) === "next") advance(entry, frame);
    if (snapshot) entry.options.onSnapshot?.(snapshot);
    for (const frame of entry.held.splice(0)) {
      const isSeen = isSeenByOthers(entry, frame);
      if (offer(entry, frame) === "accept" && !isSeen) deps.deliver(frame);
    }
  }

  return {
    add: (target: FollowTarget, options: FollowOptions): Following => {
      const ready = Promise.withResolvers<void>();
      // Not everybody waits for the first answer.
      ready.promise.catch(() => {});
      const entry: Entry = {
        target,
        options,
        sessionKey: undefined,
        state: "new",
        at: undefined,
        held: [],
        early: [],
        ready,
      };
      entries.add(entry);
      if (deps.isLinkReady()) ask(entry);
      return {
        ready: ready.promise,
        get position() {
          return entry.at ?? options.from;
        },
        stop: () => {
          if (!entries.delete(entry)) return;
          ready.reject(new ConnectionError("aborted", "streams.subscribe: stopped"));
          const isShared = [...entries].some(
            ({ target: other }) => other.sessionKey === target.sessionKey && other.runId === target.runId,
          );
          if (isShared || !deps.isLinkReady()) return;
          deps.unsubscribe(target).catch(() => {
            // The link went away, and the subscription with it.
          });
        },
      };
    },
    /** Whether an event is to be delivered now. */
    admits: (frame: EventFrame): boolean => {
      if (frame.position === undefined || entries.size === 0) return true;
      for (const entry of entries) if (isUnanswered(entry)) entry.early.push(frame);
      const verdicts = [...entries].filter((entry) => covers(entry, frame)).map((entry) => offer(entry, frame));
      return verdicts.length === 0 || (verdicts.includes("accept") && !verdicts.includes("seen"));
    },
    /** A new link: everything is asked for from where it stopped. */
    replay: (): void => {
      for (const entry of entries) {
        entry.held = [];
        ask(entry);
      }
    },
    /** The story is over: nobody will answer. */
    clear: (error: ConnectionError): void => {
      for (const { ready } of entries) ready.reject(error);
      entries.clear();
    },
  };
}

const isUnanswered = ({ sessionKey }: Entry): boolean => sessionKey === undefined;

const isSamePlace = ({ position: a }: EventFrame, { position: b }: EventFrame): boolean =>
  a?.epoch === b?.epoch && a?.offset === b?.offset;

type Missed = Result<"streams.subscribe">["events"][number];

/** What was missed, as it would have come. */
export const missedFrame = ({ event, payload, position }: Missed): EventFrame => ({
  type: "event",
  event,
  payload,
  ...(position && { position }),
});
