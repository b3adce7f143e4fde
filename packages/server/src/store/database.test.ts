import { describe } from "vitest";
import { openTestMemory, openTestSqlite } from "../testing/test-databases.ts";
import { contractMigrations, databaseContract } from "./database.contract.ts";

describe("in memory", () => {
  databaseContract(() => openTestMemory(contractMigrations));
});
describe("on disk", () => {
  databaseContract(() => openTestSqlite(contractMigrations));
});
