import { DatabaseSync, StatementSync } from "node:sqlite";

// The database worker as it is, until a value it writes says when it dies: before its commit or after it, both without an answer.
let order: string | undefined;
const [exec, all, run] = [DatabaseSync.prototype.exec, StatementSync.prototype.all, StatementSync.prototype.run];

function read(values: readonly unknown[]): void {
  for (const value of values) if (typeof value === "string") order ??= /die (before|after)/.exec(value)?.[0];
}
StatementSync.prototype.all = function (this: StatementSync, ...values: unknown[]) {
  read(values);
  return Reflect.apply(all, this, values);
};
StatementSync.prototype.run = function (this: StatementSync, ...values: unknown[]) {
  read(values);
  return Reflect.apply(run, this, values);
};
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
  if (sql === "COMMIT" && order === "die before") process.exit(3);
  exec.call(this, sql);
  if (sql === "COMMIT" && order === "die after") process.exit(3);
};
await import("../store/sqlite-worker.ts");
