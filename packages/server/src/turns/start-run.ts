import { randomUUID } from "node:crypto";
import type { UserMessage } from "@openclaw-gateway/protocol";
import type { NewMessage, StoredMessage, StoredRun } from "../conversations/conversation-store.ts";
import { patiently } from "./patiently.ts";
import { userMessage } from "./transcript-notes.ts";
import type { TurnDeps } from "./turns.ts";

/** The run starts and its message enters the transcript. */
export async function startRun(
  { conversations, clock }: Pick<TurnDeps, "conversations" | "clock">,
  run: StoredRun,
  sessionId: string,
  now: number,
): Promise<{ id: string; message: UserMessage }> {
  const { runId, sessionKey } = run;
  const user = { id: randomUUID(), runId, message: userMessage(run, now) };
  await patiently(
    clock,
    () => conversations.startRun(runId, sessionKey, sessionId, user, now),
    async () => (await findWritten(conversations, sessionId, [user]))?.[0],
  );
  return user;
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
