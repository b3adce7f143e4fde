import { expect, test } from "vitest";
import { createPreferencesStore } from "../../preferences/preferences.store.ts";
import { allMigrations } from "../../store/migrations.ts";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { openTestMemory } from "../../testing/test-databases.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

async function openClient() {
  const started = await startTestGateway(createScriptedRuntime(() => answer("hi")));
  const client = createMemoryClient(started.gateway);
  await client.connect();
  return { client, started, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

test("preferences are kept, seen by every connection, and removed with null", async () => {
  await using opened = await openClient();
  const { client, started } = opened;
  expect((await client.request("users.prefs.get", { keys: ["ui.theme"] })).payload).toEqual({
    status: "ok",
    entries: {},
  });
  expect(
    (await client.request("users.prefs.set", { entries: { "ui.theme": "dark", other: { a: [1] } } })).payload,
  ).toEqual({ status: "ok" });
  const other = createMemoryClient(started.gateway);
  await other.connect();
  expect((await other.request("users.prefs.get", { keys: ["ui.theme", "other", "none"] })).payload).toEqual({
    status: "ok",
    entries: { "ui.theme": "dark", other: { a: [1] } },
  });
  await client.request("users.prefs.set", { entries: { "ui.theme": null } });
  expect((await other.request("users.prefs.get", {})).payload).toMatchObject({
    entries: { other: { a: [1] } },
  });
  expect((await other.request("users.prefs.get", { keys: ["ui.theme"] })).payload).toEqual({
    status: "ok",
    entries: {},
  });
});

test("of two that expect the same, one wins and the other learns what is there", async () => {
  await using opened = await openClient();
  const { client } = opened;
  const set = (value: string) =>
    client.request("users.prefs.set", { entries: { done: value }, expectedEntries: { done: null } });
  const [first, second] = await Promise.all([set("a"), set("b")]);
  expect(first.payload).toEqual({ status: "ok" });
  expect(second.payload).toEqual({ status: "conflict", entries: { done: "a" } });
  expect((await client.request("users.prefs.get", { keys: ["done"] })).payload).toEqual({
    status: "ok",
    entries: { done: "a" },
  });
});

test("values that are too long are refused whole", async () => {
  await using opened = await openClient();
  const { client } = opened;
  const { error } = await client.request("users.prefs.set", { entries: { fine: 1, long: "x".repeat(20_000) } });
  expect(error).toMatchObject({ code: "INVALID_REQUEST" });
  expect((await client.request("users.prefs.get", { keys: ["fine"] })).payload).toEqual({ status: "ok", entries: {} });
});

test("what one user remembers is not another's", async () => {
  await using db = await openTestMemory(allMigrations);
  const store = createPreferencesStore(db);
  await store.set("a", { name: 1, __proto__x: true });
  expect(await store.get("b", ["name"])).toEqual({});
  expect(await store.get("a", ["name", "__proto__x"])).toEqual({ name: 1, __proto__x: true });
});
