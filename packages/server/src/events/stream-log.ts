import { randomUUID } from "node:crypto";
import type { EventPosition } from "@openclaw-gateway/protocol";
import type { Cancel, Clock } from "../platform/clock.ts";
import { encodeJson, stable } from "../rpc/stable.ts";
import { mergeGrowth } from "./merge-growth.ts";

/** The streams an event belongs to: that of its session (canonical key) and that of its run. */
export type StreamRef = { sessionKey: string; runId?: string };

/** An event that tells what was added to something that grows, so that several can be told as one. */
export type Growth = {
  /** Events of one key grow the same thing. */
  key: string;
  piece: string;
  /** What was told before is void: `piece` is the whole. */
  replaces: boolean;
  /** Characters of the whole so far, which the newest event of a key holds. */
  wholeChars: number;
  /** The payload that tells all the pieces at once, as of this event. */
  tell(pieces: string, replaces: boolean): unknown;
};

export type StreamEvent = { event: string; payload: unknown; stream: StreamRef; growth?: Growth };

/** An event that is kept: whole as JSON, or as the piece it added. */
export type KeptEvent = {
  event: string;
  position: EventPosition;
  atMs: number;
  bytes: number;
  content: { json: string } | { growth: Omit<Growth, "tell"> & { tell: Growth["tell"] | undefined } };
};

export type ReplayedEvent = { event: string; payload: unknown; position: EventPosition };

export type StreamLogLimits = {
  /** Of one session, in bytes and milliseconds. */
  maxBytes: number;
  maxAgeMs: number;
  /** Of all sessions together. */
  maxTotalBytes: number;
};

const defaultLimits: StreamLogLimits = { maxBytes: 1024 * 1024, maxAgeMs: 300_000, maxTotalBytes: 32 * 1024 * 1024 };

/** What an event takes beside its text. */
const overheadBytes = 200;
/** Runs of one session whose offsets are remembered. */
const maxRuns = 100;

type Log = {
  epoch: string;
  head: number;
  events: KeptEvent[];
  bytes: number;
  /** Events so far of each run, and the last of them that is no longer kept. */
  runs: Map<string, { head: number; dropped: number }>;
  /** The newest event of each growing thing since the last event that is no growth. */
  open: Map<string, KeptEvent>;
};

export interface StreamLog {
  /** Gives an event its place and keeps it for a while. */
  append(event: StreamEvent): EventPosition;
  /** Where a stream stands now. */
  head(stream: StreamRef): { epoch: string; offset: number };
  /** What came after a position, text in as few events as possible; undefined when not all of it is kept. */
  since(stream: StreamRef, from: { epoch: string; offset: number }): ReplayedEvent[] | undefined;
  /** For tests and metrics. */
  readonly size: { sessions: number; bytes: number };
  close(): void;
}

/**
 * The latest events of every session that is alive, bounded by bytes and age. A session that was quiet for the maximum
 * age is forgotten, unless somebody follows it; what begins again later has another epoch.
 */
export function createStreamLog(deps: {
  clock: Clock;
  /** Whether a reader follows the session or one of its runs. */
  isFollowed: (sessionKey: string, runIds: Iterable<string>) => boolean;
  limits?: Partial<StreamLogLimits>;
}): StreamLog {
  const { clock, isFollowed } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  /** The one that was appended to last stands last. */
  const logs = new Map<string, Log>();
  let totalBytes = 0;
  let cancelSweep: Cancel | undefined;

  function open(sessionKey: string): Log {
    let log = logs.get(sessionKey);
    if (!log) {
      log = { epoch: randomUUID().slice(0, 13), head: 0, events: [], bytes: 0, runs: new Map(), open: new Map() };
      logs.set(sessionKey, log);
      cancelSweep ??= clock.at(clock.now() + limits.maxAgeMs, sweep);
    }
    return log;
  }

  function charge(log: Log, bytes: number): void {
    log.bytes += bytes;
    totalBytes += bytes;
  }

  function dropFirst(log: Log): void {
    const first = log.events.shift();
    if (!first) return;
    charge(log, -first.bytes);
    const { runId, runOffset } = first.position;
    const run = runId === undefined ? undefined : log.runs.get(runId);
    if (run) run.dropped = runOffset ?? run.dropped;
    if ("growth" in first.content && log.open.get(first.content.growth.key) === first)
      log.open.delete(first.content.growth.key);
  }

  function dropOld(log: Log): void {
    const oldest = clock.now() - limits.maxAgeMs;
    while (log.events[0] && log.events[0].atMs <= oldest) dropFirst(log);
  }

  function sweep(): void {
    cancelSweep = undefined;
    for (const [sessionKey, log] of logs) {
      dropOld(log);
      if (log.events.length === 0 && !isFollowed(sessionKey, log.runs.keys())) logs.delete(sessionKey);
    }
    if (logs.size > 0) cancelSweep = clock.at(clock.now() + limits.maxAgeMs / 2, sweep);
  }

  function keep(log: Log, kept: KeptEvent): void {
    log.events.push(kept);
    charge(log, kept.bytes);
    while (log.bytes > limits.maxBytes && log.events.length > 0) dropFirst(log);
    for (const [, other] of totalBytes > limits.maxTotalBytes ? logs : []) {
      while (totalBytes > limits.maxTotalBytes && other.events.length > 0) dropFirst(other);
      if (totalBytes <= limits.maxTotalBytes) break;
    }
  }

  function nextPosition(log: Log, { sessionKey, runId }: StreamRef): EventPosition {
    const offset = ++log.head;
    if (runId === undefined) return { sessionKey, epoch: log.epoch, offset };
    let run = log.runs.get(runId);
    if (!run) {
      log.runs.set(runId, (run = { head: 0, dropped: 0 }));
      const [oldest] = log.runs.size > maxRuns ? log.runs.keys() : [];
      if (oldest !== undefined) log.runs.delete(oldest);
    }
    return { sessionKey, epoch: log.epoch, offset, runId, runOffset: ++run.head };
  }

  return {
    append: ({ event, payload, stream, growth }) => {
      const log = open(stream.sessionKey);
      logs.delete(stream.sessionKey);
      logs.set(stream.sessionKey, log);
      const position = nextPosition(log, stream);
      const atMs = clock.now();
      if (!growth) {
        log.open.clear();
        // The text made here is the one that readers get.
        const json = encodeJson(isObject(payload) ? stable(payload) : payload);
        keep(log, { event, position, atMs, bytes: json.length + overheadBytes, content: { json } });
        return position;
      }
      const before = log.open.get(growth.key);
      // Only the newest holds the whole: the pieces before it are enough to tell it again.
      if (before && "growth" in before.content && before.content.growth.tell) {
        before.content.growth.tell = undefined;
        before.bytes -= before.content.growth.wholeChars;
        charge(log, -before.content.growth.wholeChars);
      }
      const bytes = growth.piece.length + growth.wholeChars + overheadBytes;
      const kept: KeptEvent = { event, position, atMs, bytes, content: { growth: { ...growth } } };
      log.open.set(growth.key, kept);
      keep(log, kept);
      return position;
    },

    head: ({ sessionKey, runId }) => {
      const log = open(sessionKey);
      return { epoch: log.epoch, offset: runId === undefined ? log.head : (log.runs.get(runId)?.head ?? 0) };
    },

    since: ({ sessionKey, runId }, { epoch, offset }) => {
      const log = logs.get(sessionKey);
      if (log?.epoch !== epoch) return undefined;
      dropOld(log);
      if (runId === undefined) {
        const dropped = log.head - log.events.length;
        if (offset < dropped || offset > log.head) return undefined;
        return mergeGrowth(log.events.slice(offset - dropped));
      }
      const run = log.runs.get(runId) ?? { head: 0, dropped: 0 };
      if (offset < run.dropped || offset > run.head) return undefined;
      return mergeGrowth(
        log.events.filter(({ position }) => position.runId === runId && (position.runOffset ?? 0) > offset),
      );
    },

    get size() {
      return { sessions: logs.size, bytes: totalBytes };
    },
    close: () => cancelSweep?.(),
  };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
