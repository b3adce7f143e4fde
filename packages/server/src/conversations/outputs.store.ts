import type { Database, Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import { chunkBytes, type NewMessage, type StoredMessage, type StoredOutput } from "./conversation-store.ts";
import type { ConversationTables } from "./tables.store.ts";
import { wholeMessage } from "./whole-message.ts";

const query = createQuery<ConversationTables>();

/** Only beside a message that was written; the same output again is there already. */
const insertOutput = prepared<{ sessionId: string; messageId: string; id: string; kind: string; bytes: number }>(
  (param) =>
    query
      .insertInto("tool_outputs")
      .orIgnore()
      .columns(["session_id", "id", "kind", "bytes"])
      .expression(
        query
          .selectFrom("messages")
          .select(["messages.session_id", param("id").as("id"), param("kind").as("kind"), param("bytes").as("bytes")])
          .where("messages.session_id", "=", param("sessionId"))
          .where("messages.id", "=", param("messageId")),
      ),
);
const insertChunk = prepared<{ sessionId: string; id: string; start: number; data: Uint8Array }>((param) =>
  query
    .insertInto("tool_output_chunks")
    .orIgnore()
    .columns(["session_id", "id", "start", "data"])
    .expression(
      query
        .selectFrom("tool_outputs")
        .select(["tool_outputs.session_id", "tool_outputs.id", param("start").as("start"), param("data").as("data")])
        .where("tool_outputs.session_id", "=", param("sessionId"))
        .where("tool_outputs.id", "=", param("id")),
    ),
);

/** What messages keep apart; to be run after the messages themselves. */
export function insertOutputs(sessionId: string, messages: readonly NewMessage[]): Statement[] {
  return messages.flatMap(({ id: messageId, apart = [] }) =>
    apart.flatMap(({ reference: { id, kind, bytes }, chunks }) => [
      insertOutput({ sessionId, messageId, id, kind, bytes }),
      ...chunks.map(({ start, data }) => insertChunk({ sessionId, id, start, data })),
    ]),
  );
}

const outputOf = prepared<{ sessionId: string; id: string }>((param) =>
  query
    .selectFrom("tool_outputs")
    .select(["kind", "bytes"])
    .where("session_id", "=", param("sessionId"))
    .where("id", "=", param("id")),
);
const chunksBetween = prepared<{ sessionId: string; id: string; after: number; before: number }>((param) =>
  query
    .selectFrom("tool_output_chunks")
    .select(["start", "data"])
    .where("session_id", "=", param("sessionId"))
    .where("id", "=", param("id"))
    .where("start", ">", param("after"))
    .where("start", "<", param("before"))
    .orderBy("start"),
);

/** The bytes from `offset` on, at most `limit` of them. */
export async function readOutput(
  db: Database,
  sessionId: string,
  id: string,
  { offset, limit }: { offset: number; limit: number },
): Promise<StoredOutput | undefined> {
  const [output] = await db.read<{ kind: StoredOutput["kind"]; bytes: number }>(outputOf({ sessionId, id }));
  if (!output) return undefined;
  const range = chunksBetween({ sessionId, id, after: offset - chunkBytes, before: offset + limit });
  const chunks = await db.scan<{ start: number; data: Uint8Array }>(range);
  const first = chunks[0]?.start ?? offset;
  const data = Buffer.concat(chunks.map((chunk) => chunk.data)).subarray(offset - first, offset - first + limit);
  return { ...output, data };
}

/** The messages as they were said, with everything that is kept apart. */
export async function makeWhole(
  db: Database,
  sessionId: string,
  messages: readonly StoredMessage[],
): Promise<StoredMessage[]> {
  const read = async (id: string): Promise<string | undefined> => {
    const output = await readOutput(db, sessionId, id, { offset: 0, limit: Number.MAX_SAFE_INTEGER / 2 });
    return output && Buffer.from(output.data).toString("utf8");
  };
  return Promise.all(
    messages.map(async (stored) => ({ ...stored, message: await wholeMessage(stored.message, read) })),
  );
}

/** What the transcripts of a session, past ones too, kept apart. */
export const deleteOutputs = (key: string): Statement[] =>
  (["tool_output_chunks", "tool_outputs"] as const).map((table) =>
    query
      .deleteFrom(table)
      .where("session_id", "in", (eb) =>
        eb
          .selectFrom("sessions")
          .select("sessions.session_id")
          .where("key", "=", key)
          .union(eb.selectFrom("past_sessions").select("past_sessions.session_id").where("key", "=", key)),
      )
      .compile(),
  );
