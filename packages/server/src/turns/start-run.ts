import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import type { NewMessage, StoredMessage, StoredRun } from "../conversations/conversation-store.ts";
import { withIds } from "./caller-messages.ts";
import { withLargeContentApart } from "./large-results.ts";
import { patiently } from "./patiently.ts";
import type { TurnDeps } from "./turns.ts";

/** The run starts and what it was asked enters the transcript; gives back the messages as the model is to see them. */
export async function startRun<M extends TranscriptMessage>(
  { conversations, clock }: Pick<TurnDeps, "conversations" | "clock">,
  run: StoredRun,
  sessionId: string,
  now: number,
  asked: readonly M[],
  before: readonly TranscriptMessage[] = [],
): Promise<{ id: string; message: M }[]> {
  const { runId, sessionKey } = run;
  const messages = withIds(asked, runId);
  const light = await Promise.all([...withIds(before), ...messages].map(withLargeContentApart));
  await patiently(
    clock,
    () => conversations.startRun(runId, sessionKey, sessionId, light, now),
    () => findWritten(conversations, sessionId, light),
  );
  return messages;
}

/** Messages just written, when they are there: the last of a transcript that nobody else writes to meanwhile. */
export async function findWritten(
  conversations: TurnDeps["conversations"],
  sessionId: string,
  written: readonly NewMessage[],
): Promise<StoredMessage[] | undefined> {
  const ids = new Set(written.map(({ id }) => id));
  const recent = await conversations.history(sessionId, { limit: written.length + 20 });
  const found = recent.filter(({ id }) => ids.has(id));
  return found.length === written.length ? found : undefined;
}
