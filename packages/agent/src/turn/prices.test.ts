import { expect, test } from "vitest";
import { only, providerAt, run, runtimeWith, textOf, turnOf } from "../testing/harness.ts";
import { startProviderServer } from "../testing/index.ts";

async function withModels(primary: string, fallbacks: readonly string[]) {
  const server = await startProviderServer();
  const { models: _, ...provider } = providerAt(server);
  const models = [
    { id: "paid", cost: { input: 2, output: 10 } },
    { id: "free", cost: { input: 0, output: 0 } },
    { id: "dark" },
  ];
  const runtime = runtimeWith({
    models: { providers: { test: { ...provider, models } } },
    agents: { defaults: { model: { primary, fallbacks }, models: { "test/paid": { alias: "Best" } } } },
  });
  return { server, runtime, [Symbol.asyncDispose]: () => server.close() };
}

test("usage says when its price is not known; what costs nothing is not that", async () => {
  await using one = await withModels("test/paid", []);
  const unpriced = async (model: string) =>
    only(await run(one.runtime, turnOf("hi", { model })), "usage").map(({ isUnpriced = false }) => isUnpriced);
  expect(await unpriced("test/paid")).toEqual([false]);
  expect(await unpriced("test/free")).toEqual([false]);
  expect(await unpriced("test/dark")).toEqual([true]);
});

test("a turn with a budget asks only models whose price is known", async () => {
  await using one = await withModels("test/dark", ["test/paid"]);
  const events = await run(one.runtime, turnOf("hi", { mustBePriced: true }));
  expect(only(events, "usage").map(({ model }) => model.id)).toEqual(["paid"]);
  await using other = await withModels("test/dark", []);
  expect(await run(other.runtime, turnOf("hi", { mustBePriced: true }))).toMatchObject([
    { type: "error", message: expect.stringContaining("no model it may use has a known price") },
  ]);
  expect(other.server.requests).toHaveLength(0);
});

test("models are named in full, by alias in any case, and by their id; what is not listed may not be chosen", async () => {
  await using one = await withModels("test/dark", ["test/paid"]);
  const { findModel, modelsOf } = one.runtime;
  for (const name of ["test/paid", "best", "BEST", "paid"])
    expect(findModel(name)).toEqual({ provider: "test", id: "paid" });
  expect(findModel("test/other")).toBeUndefined();
  expect(modelsOf("main").map(({ model, isPriced }) => [model.id, isPriced])).toEqual([
    ["dark", false],
    ["paid", true],
  ]);
  expect(modelsOf("main", "test/free").map(({ model }) => model.id)).toEqual(["free", "dark", "paid"]);
  expect(textOf(await run(one.runtime, turnOf("hi", { model: "best" })))).toBe("You said: hi");
});
