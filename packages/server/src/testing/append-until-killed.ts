import { createConversationStore } from "../conversations/conversation.store.ts";
import { allMigrations } from "../store/migrations.ts";
import { openSqlite } from "../store/sqlite.ts";

/** A process to be killed: several writers append to sessions of their own and tell every acknowledged message at once. */
const writers = 6;
const db = await openSqlite({ path: process.argv[2] ?? "", migrations: allMigrations });
const store = createConversationStore(db);
const life = process.argv[3] ?? "";

async function write(writer: number): Promise<never> {
  const key = `agent:main:w${writer}`;
  const session = await store.upsertSession(
    key,
    { agentId: "main", kind: "direct", sessionId: `s${writer}`, now: Date.now() },
    {},
  );
  for (let turn = 0; ; turn++) {
    const id = `${life}-${writer}-${turn}`;
    const now = Date.now();
    const message = {
      role: "user" as const,
      content: [{ type: "text" as const, text: id.padEnd(500, ".") }],
      timestamp: now,
    };
    await store.append(key, session.sessionId, [{ id, message }], { now });
    process.stdout.write(`${writer} ${id}\n`);
  }
}
await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
