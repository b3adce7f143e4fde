import { type EventName, GatewayError, type Payload } from "@openclaw-gateway/protocol";
import type { EventPosition } from "@openclaw-gateway/protocol/wire";
import type { MockConnection } from "./connection.ts";
import type { Conversations } from "./conversations.ts";
import type { MockHandlers } from "./handlers.ts";
import type { MockRun, Turns } from "./turns.ts";

/** Events of one session that are kept for those who come back. */
const maxKept = 5_000;

/** Events that have a place in the stream of their session. */
const streamed: ReadonlySet<EventName> = new Set<EventName>(["agent", "chat", "session.message"]);

type Kept = { event: EventName; payload: unknown; position: EventPosition };
type Log = { offset: number; runOffsets: Map<string, number>; kept: Kept[] };

export type Streams = ReturnType<typeof createStreams>;

/** What happened in each session, in order, for `streams.subscribe`. */
export function createStreams(epoch: string) {
  const logs = new Map<string, Log>();

  function logOf(sessionKey: string): Log {
    let log = logs.get(sessionKey);
    if (log === undefined) logs.set(sessionKey, (log = { offset: 0, runOffsets: new Map(), kept: [] }));
    return log;
  }

  return {
    /** Gives an event its place and keeps it; undefined for one that belongs to no stream. */
    place: <E extends EventName>(event: E, payload: Payload<E>): EventPosition | undefined => {
      const { sessionKey, runId = runOf(payload) } = payload as { sessionKey?: string; runId?: string };
      if (sessionKey === undefined || !streamed.has(event)) return undefined;
      const log = logOf(sessionKey);
      log.offset++;
      const runOffset = runId === undefined ? 0 : (log.runOffsets.get(runId) ?? 0) + 1;
      const ofRun = runId === undefined ? {} : { runId, runOffset };
      if (runId !== undefined) log.runOffsets.set(runId, runOffset);
      const position: EventPosition = { sessionKey, epoch, offset: log.offset, ...ofRun };
      log.kept.push({ event, payload, position });
      if (log.kept.length > maxKept) log.kept.shift();
      return position;
    },
    head: (sessionKey: string, runId?: string): { epoch: string; offset: number } => {
      const { offset, runOffsets } = logOf(sessionKey);
      return { epoch, offset: runId === undefined ? offset : (runOffsets.get(runId) ?? 0) };
    },
    /** What came after a place; undefined when some of it is no longer kept. */
    since: (
      sessionKey: string,
      runId: string | undefined,
      from: { epoch: string; offset: number },
    ): Kept[] | undefined => {
      if (from.epoch !== epoch) return undefined;
      const ofStream = logOf(sessionKey).kept.filter(({ position }) => runId === undefined || position.runId === runId);
      const offsetOf = ({ position }: Kept): number =>
        runId === undefined ? position.offset : (position.runOffset ?? 0);
      const [oldest] = ofStream;
      if (oldest && offsetOf(oldest) > from.offset + 1) return undefined;
      return ofStream.filter((kept) => offsetOf(kept) > from.offset);
    },
  };
}

/** Whether a connection follows what an event belongs to. */
export const isFollowed = ({ followed }: MockConnection, position: EventPosition | undefined): boolean =>
  position !== undefined && (followed.has(position.sessionKey) || followed.has(runKey(position.runId)));

const runKey = (runId = ""): string => `run ${runId}`;

/** Messages of a transcript name their run inside. */
const runOf = (payload: unknown): string | undefined => {
  const { message } = payload as { message?: { __openclaw?: { runId?: string } } };
  return message?.__openclaw?.runId;
};

export function streamMethods({
  streams,
  turns,
  conversations,
}: {
  streams: Streams;
  turns: Turns;
  conversations: Conversations;
}) {
  function streamOf(params: { sessionKey?: string | undefined; runId?: string | undefined }): {
    sessionKey: string;
    run: MockRun | undefined;
  } {
    const { sessionKey, runId } = params;
    if ((sessionKey === undefined) === (runId === undefined)) {
      throw new GatewayError("INVALID_REQUEST", "streams.subscribe: give sessionKey or runId, one of both");
    }
    if (sessionKey !== undefined) return { sessionKey: conversations.canonical(sessionKey), run: undefined };
    const run = turns.find(runId ?? "");
    if (run) return { sessionKey: run.session.key, run };
    throw new GatewayError("INVALID_REQUEST", `unknown run: ${runId}`, { details: { runId } });
  }

  return {
    "streams.subscribe": ({ from, ...target }, { connection }) => {
      const { sessionKey, run } = streamOf(target);
      connection.followed.add(run ? runKey(run.runId) : sessionKey);
      const told = {
        subscribed: true as const,
        sessionKey,
        ...(run ? { runId: run.runId } : {}),
        position: streams.head(sessionKey, run?.runId),
      };
      const events = from && streams.since(sessionKey, run?.runId, from);
      if (events) return { ...told, events };
      const runs = run ? [run] : turns.running(sessionKey);
      return { ...told, events: [], snapshot: { reason: from ? "gone" : "new", runs: runs.map(snapshotOf) } };
    },
    "streams.unsubscribe": (target, { connection }) => {
      const { sessionKey, run } = streamOf(target);
      connection.followed.delete(run ? runKey(run.runId) : sessionKey);
      return { subscribed: false };
    },
  } satisfies MockHandlers;
}

const snapshotOf = ({ runId, state, startedAtMs, text, error, tool }: MockRun) => ({
  runId,
  state,
  text,
  reasoning: "",
  tools: tool ? [{ ...tool, status: "running" as const }] : [],
  ...(startedAtMs === undefined ? {} : { startedAt: startedAtMs }),
  ...(error === undefined ? {} : { error }),
});
