import type { Generated } from "kysely";
import type { Clock } from "../platform/clock.ts";
import type { Database, Migration } from "./database.ts";
import { createQuery, prepared } from "./query.ts";

type Answer = { principal: string; method: string; key: string; answer: string; expires_at: number };
type AnswersTable = Answer & { id: Generated<number> };
type Call = Pick<Answer, "principal" | "method" | "key">;

/** Expired answers that leave with each new one, so that the table never needs a sweep. */
const prunedPerPut = 16;

export const idempotencyMigrations: readonly Migration[] = [
  {
    id: 2,
    name: "answers to calls with an idempotency key",
    statements: [
      `CREATE TABLE idempotent_answers (
        id INTEGER PRIMARY KEY,
        principal TEXT NOT NULL,
        method TEXT NOT NULL,
        key TEXT NOT NULL,
        answer TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        UNIQUE (principal, method, key)
      ) STRICT`,
      "CREATE INDEX idempotent_answers_expiry ON idempotent_answers (expires_at)",
    ],
  },
];

/** Answers of calls that may come again, kept over restarts. */
export interface IdempotencyStore {
  /** The stored answer, as JSON, unless its time has passed. */
  get(principalKey: string, method: string, key: string): Promise<string | undefined>;
  /** Keeps an answer and returns the one that counts: of two callers with one key the first wins. */
  put(principalKey: string, method: string, key: string, answerJson: string, expiresAt: number): Promise<string>;
}

const query = createQuery<{ idempotent_answers: AnswersTable }>();

const answerOf = prepared<Call & { now: number }>((param) =>
  query
    .selectFrom("idempotent_answers")
    .select("answer")
    .where("principal", "=", param("principal"))
    .where("method", "=", param("method"))
    .where("key", "=", param("key"))
    .where("expires_at", ">", param("now")),
);

const insertAnswer = prepared<Answer & { now: number }>((param) =>
  query
    .insertInto("idempotent_answers")
    .values({
      principal: param("principal"),
      method: param("method"),
      key: param("key"),
      answer: param("answer"),
      expires_at: param("expires_at"),
    })
    .onConflict((conflict) =>
      conflict
        .columns(["principal", "method", "key"])
        .doUpdateSet((eb) => ({ answer: eb.ref("excluded.answer"), expires_at: eb.ref("excluded.expires_at") }))
        .where("idempotent_answers.expires_at", "<=", param("now")),
    ),
);

const pruneExpired = prepared<{ now: number }>((param) =>
  query
    .deleteFrom("idempotent_answers")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("idempotent_answers")
        .select("id")
        .where("expires_at", "<=", param("now"))
        .orderBy("expires_at")
        .limit(prunedPerPut),
    ),
);

export function createIdempotencyStore(db: Database, clock: Pick<Clock, "now">): IdempotencyStore {
  return {
    get: async (principal, method, key) => {
      const [row] = await db.read<{ answer: string }>(answerOf({ principal, method, key, now: clock.now() }));
      return row?.answer;
    },
    put: async (principal, method, key, answer, expiresAt) => {
      const now = clock.now();
      const call = { principal, method, key };
      const [, , stored] = await db.write([
        pruneExpired({ now }),
        insertAnswer({ ...call, answer, expires_at: expiresAt, now }),
        answerOf({ ...call, now }),
      ]);
      const held = stored?.rows[0]?.["answer"];
      // An answer that has expired already is kept by nobody.
      return typeof held === "string" ? held : answer;
    },
  };
}
