import { expect, test } from "vitest";
import { changedKeys } from "./changed-keys.ts";

test.each([
  [{}, { gateway: { port: 1 } }, ["gateway.port"]],
  [{ gateway: { port: 1 } }, {}, ["gateway.port"]],
  [{ gateway: { port: 1 } }, { gateway: { port: 2, bind: "lan" } }, ["gateway.port", "gateway.bind"]],
  [{ gateway: { auth: { token: "a" } } }, { gateway: { auth: { token: "b" } } }, ["gateway.auth.token"]],
  [{ agents: { list: [1] } }, { agents: { list: [1, 2] } }, ["agents.list"]],
  [{ a: 1, b: 2 }, { b: 2 }, ["a"]],
  [{ a: { b: { c: { d: { secretName: 1 } } } } }, { a: { b: { c: { d: {} } } } }, ["a.b.c.d"]],
  [{ a: 1 }, { a: 1 }, []],
])("from %j to %j: %j", (before, after, keys) => {
  expect(changedKeys(before, after)).toEqual(keys);
});
