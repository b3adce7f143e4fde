import { randomUUID } from "node:crypto";
import { GatewayError } from "@openclaw-gateway/protocol";
import type { StoredRun } from "../conversations/conversation-store.ts";
import { patiently } from "./patiently.ts";
import type { RunOutcome } from "./run-registry.ts";
import { gatewayMessage } from "./transcript-notes.ts";
import type { TurnDeps } from "./turns.ts";

/** Answers a run in the gateway's own words: the message and the end of the run are one commit, then one final is told. */
export async function answerRun(deps: TurnDeps, run: StoredRun, write: () => Promise<string>): Promise<RunOutcome> {
  const { conversations, clock, log, plane } = deps;
  const { runId, sessionKey, requestedKey, agentId } = run;
  const startedAt = clock.now();
  let text: string;
  try {
    text = await write();
  } catch (error) {
    if (!(error instanceof GatewayError)) log.error({ runId, err: error }, "a command failed unexpectedly");
    text = `⚠️ ${error instanceof GatewayError ? error.message : "That failed; the log of the gateway says why."}`;
  }
  const endedAt = clock.now();
  const message = gatewayMessage(text, endedAt);
  try {
    const session = await conversations.session(sessionKey);
    const last = session && {
      key: sessionKey,
      sessionId: session.sessionId,
      messages: [{ id: randomUUID(), runId, message }],
      touch: { now: endedAt },
    };
    await patiently(clock, () => conversations.finishRun(runId, { state: "done", endedAt }, last));
  } catch (error) {
    log.error({ runId, err: error }, "the answer to a command could not be recorded");
    const errorMessage = "the gateway could not record this answer; see its log";
    plane.publish({
      event: "chat",
      payload: { runId, sessionKey: requestedKey, agentId, seq: 1, state: "error", errorMessage, errorKind: "unknown" },
      audience: { kind: "all" },
      stream: { sessionKey, runId },
    });
    return { state: "failed", error: errorMessage, payloads: [], startedAt, endedAt };
  }
  // Recorded: these carry the key as it was sent.
  plane.publish({
    event: "chat",
    payload: { runId, sessionKey: requestedKey, agentId, seq: 1, state: "final", message },
    audience: { kind: "all" },
    stream: { sessionKey, runId },
  });
  return { state: "done", payloads: [{ text, mediaUrl: null }], startedAt, endedAt };
}
