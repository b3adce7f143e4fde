import {
  DummyDriver,
  Kysely,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type RawBuilder,
} from "kysely";
import type { Statement } from "./database.ts";

/** A query builder that only compiles: `*.store.ts` files write with it what a `Database` runs. */
export function createQuery<Tables>(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/** Stands in a compiled statement for a value that comes with each use. */
class Slot {
  readonly name: PropertyKey;
  constructor(name: PropertyKey) {
    this.name = name;
  }
}

type Compilable = { compile(): Statement };
export type Param<Input> = <Name extends keyof Input>(name: Name) => RawBuilder<Input[Name]>;

/**
 * A statement of fixed shape, compiled at its first use and then only filled with values: building and compiling costs
 * more than running it.
 */
export function prepared<Input>(build: (param: Param<Input>) => Compilable): (input: Input) => Statement {
  let compiled: Statement | undefined;
  return (input) => {
    compiled ??= build((name) => sql`${new Slot(name)}`).compile();
    return {
      sql: compiled.sql,
      parameters: compiled.parameters.map((value) =>
        value instanceof Slot ? input[value.name as keyof Input] : value,
      ),
    };
  };
}
