import type { Database, Migration, Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";

/** `value` is JSON. */
type Preference = { owner: string; name: string; value: string };

export const preferencesMigrations: readonly Migration[] = [
  {
    id: 5,
    name: "preferences of users",
    statements: [
      `CREATE TABLE user_preferences (
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (owner, name)
      ) STRICT, WITHOUT ROWID`,
    ],
  },
];

/** What a user's dashboards remember, by name, kept over restarts. */
export interface PreferencesStore {
  /** All of the owner's where no names are given. */
  get(owner: string, names?: readonly string[]): Promise<Record<string, unknown>>;
  /** Sets all or none; null removes. */
  set(owner: string, entries: Readonly<Record<string, unknown>>): Promise<void>;
}

const query = createQuery<{ user_preferences: Preference }>();

const putOne = prepared<Preference>((param) =>
  query
    .insertInto("user_preferences")
    .values({ owner: param("owner"), name: param("name"), value: param("value") })
    .onConflict((conflict) =>
      conflict.columns(["owner", "name"]).doUpdateSet((eb) => ({ value: eb.ref("excluded.value") })),
    ),
);

const removeOne = prepared<Pick<Preference, "owner" | "name">>((param) =>
  query.deleteFrom("user_preferences").where("owner", "=", param("owner")).where("name", "=", param("name")),
);

function chosen(owner: string, names: readonly string[] | undefined): Statement {
  const all = query.selectFrom("user_preferences").select(["name", "value"]).where("owner", "=", owner);
  return (names ? all.where("name", "in", [...names]) : all).compile();
}

export function createPreferencesStore(db: Database): PreferencesStore {
  return {
    get: async (owner, names) => {
      if (names?.length === 0) return {};
      const rows = await db.read<Pick<Preference, "name" | "value">>(chosen(owner, names));
      return Object.fromEntries(rows.map(({ name, value }): [string, unknown] => [name, JSON.parse(value)]));
    },
    set: async (owner, entries) => {
      const statements = Object.entries(entries).map(([name, value]) =>
        value === null ? removeOne({ owner, name }) : putOne({ owner, name, value: JSON.stringify(value) }),
      );
      if (statements.length > 0) await db.write(statements);
    },
  };
}
