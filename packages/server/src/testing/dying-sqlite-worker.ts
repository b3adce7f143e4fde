import { DatabaseSync, type SQLInputValue, StatementSync } from "node:sqlite";

// The database worker as it is, until a value it writes says when it dies: before its commit or after it, both without an answer.
let order: string | undefined;
const [exec, all, run] = [DatabaseSync.prototype.exec, StatementSync.prototype.all, StatementSync.prototype.run];

function read(values: readonly SQLInputValue[]): void {
  for (const value of values) if (typeof value === "string") order ??= /die (before|after)/.exec(value)?.[0];
}
StatementSync.prototype.all = function (this: StatementSync, ...values: SQLInputValue[]) {
  read(values);
  return all.apply(this, values);
};
StatementSync.prototype.run = function (this: StatementSync, ...values: SQLInputValue[]) {
  read(values);
  return run.apply(this, values);
};
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
  if (sql === "COMMIT" && order === "die before") process.exit(3);
  exec.call(this, sql);
  if (sql === "COMMIT" && order === "die after") process.exit(3);
};
await import("../store/sqlite-worker.ts");
