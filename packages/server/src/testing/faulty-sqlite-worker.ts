import { DatabaseSync } from "node:sqlite";
import { passCommitStage } from "./fault-points.ts";

// The database worker as it is, with its process dying in the middle of its commits.
const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
  if (sql === "BEGIN IMMEDIATE") passCommitStage("received");
  if (sql === "RELEASE one_call") passCommitStage("in the middle");
  if (sql === "COMMIT") passCommitStage("before the commit");
  exec.call(this, sql);
  if (sql === "COMMIT") passCommitStage("after the commit");
};
await import("../store/sqlite-worker.ts");
