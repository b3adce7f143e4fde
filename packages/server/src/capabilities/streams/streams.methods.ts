import {
  canonicalSessionKey,
  type EventPosition,
  GatewayError,
  methodGroups,
  type Result,
  type SessionKeyDefaults,
  streamPositionsCap,
} from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import { streamIds } from "../../events/plane.ts";
import type { StreamLog, StreamRef } from "../../events/stream-log.ts";
import { type CallerConnection, implement } from "../../rpc/handler.ts";
import type { Principal } from "../../rpc/principal.ts";
import type { Turns } from "../../turns/turns.ts";

/** Streams that one connection may follow. */
const maxFollowed = 64;

export type ClaimMissed = (
  connId: string,
  seq: number,
  by: Principal,
  beforeMark: number,
) => { event: string; payload: unknown; position?: EventPosition }[] | undefined;

export function createStreams(deps: {
  log: StreamLog;
  turns: Turns;
  conversations: Conversations;
  keys: () => SessionKeyDefaults;
  /** Gives what a lost connection missed. */
  claimMissed: ClaimMissed;
}) {
  const { log, turns, conversations, keys } = deps;

  /** Everything in one go: what is published next is the first that this connection receives live. */
  function subscribe(
    connection: CallerConnection,
    stream: StreamRef,
    from: { epoch: string; offset: number } | undefined,
    ended: Result<"streams.subscribe">["snapshot"],
  ): Result<"streams.subscribe"> {
    const { streams } = connection.subscriptions;
    const id = idOf(stream);
    if (streams.size >= maxFollowed && !streams.has(id))
      throw new GatewayError(
        "INVALID_REQUEST",
        `this connection follows ${maxFollowed} streams already; stop one first`,
      );
    streams.add(id);
    const told = { subscribed: true, ...stream, position: log.head(stream) } as const;
    const events = from && log.since(stream, from);
    if (events) return { ...told, events };
    const runs = stream.runId === undefined ? turns.liveRuns(stream.sessionKey) : runsOf(stream.runId);
    return { ...told, events: [], snapshot: ended ?? { reason: from ? "gone" : "new", runs } };
  }

  const runsOf = (runId: string) => [turns.known(runId)?.snapshot].filter((run) => run !== undefined);

  return implement(methodGroups.streams, {
    // At once wherever it can be: then the answer leaves before any later event.
    "streams.subscribe": ({ sessionKey, runId, from }, { connection }) => {
      const following = connectionOf(connection);
      if ((sessionKey === undefined) === (runId === undefined))
        throw new GatewayError("INVALID_REQUEST", "streams.subscribe: give sessionKey or runId, one of both");
      if (runId === undefined)
        return subscribe(following, { sessionKey: canonicalSessionKey(sessionKey ?? "", keys()) }, from, undefined);
      const known = turns.known(runId);
      if (known) return subscribe(following, { sessionKey: known.run.sessionKey, runId }, from, undefined);
      return conversations.run(runId).then((stored) => {
        if (!stored) throw new GatewayError("INVALID_REQUEST", `unknown run: ${runId}`, { details: { runId } });
        const { state, error } = stored;
        return subscribe(following, { sessionKey: stored.sessionKey, runId }, from, {
          reason: from ? "gone" : "new",
          // The text of a run of an earlier life is in the transcript.
          runs: [{ runId, state, text: "", reasoning: "", tools: [], ...(error !== undefined && { error }) }],
        });
      });
    },
    "streams.unsubscribe": ({ sessionKey, runId }, { connection }) => {
      if (sessionKey !== undefined)
        connection?.subscriptions.streams.delete(streamIds.session(canonicalSessionKey(sessionKey, keys())));
      if (runId !== undefined) connection?.subscriptions.streams.delete(streamIds.run(runId));
      return { subscribed: false };
    },
    "events.resume": ({ connId, seq }, { principal, connection }) => {
      if (connId === connection?.id)
        throw new GatewayError("INVALID_REQUEST", "connId: give the id of the lost connection, not of this one");
      const events = deps.claimMissed(connId, seq, principal, connectionOf(connection).joinedAtMark);
      return events ? { ok: true, events } : { ok: false, reason: "reload" };
    },
  });
}

const idOf = ({ sessionKey, runId }: StreamRef): string =>
  runId === undefined ? streamIds.session(sessionKey) : streamIds.run(runId);

function connectionOf(connection: CallerConnection | undefined): CallerConnection {
  if (!connection) throw new GatewayError("INVALID_REQUEST", "events need a WebSocket connection");
  if (connection.caps.has(streamPositionsCap)) return connection;
  throw new GatewayError(
    "INVALID_REQUEST",
    `this connection gets events without positions: declare "${streamPositionsCap}" in connect.caps`,
  );
}
