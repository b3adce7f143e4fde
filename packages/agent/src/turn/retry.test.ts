import { expect, test } from "vitest";
import { createManualClock } from "../testing/clocks.ts";
import {
  collect,
  configAt,
  messagesOf,
  only,
  providerAt,
  run,
  runtimeWith,
  shapeOf,
  testKey,
  textOf,
  turnOf,
} from "../testing/harness.ts";
import { startProviderServer } from "../testing/index.ts";
import type { ProviderServer } from "../testing/index.ts";

/** Two providers with keys of their own; the second one takes over. */
const withFallback = (server: ProviderServer, second: ProviderServer = server) => ({
  models: { providers: { one: providerAt(server), two: providerAt(second, "openai-completions", "sk-another-key") } },
  agents: { defaults: { model: { primary: "one/m", fallbacks: ["two/m"] } } },
});

test.each([500, 502, 503, 408, 409])("%i is asked again, and its text is what stands", async (status) => {
  await using server = await startProviderServer();
  const events = await run(runtimeWith(configAt(server)), `hello [[${status}x2]]`);
  expect(only(events, "retry")).toMatchObject([
    { attempt: 2, reason: `${status} scripted failure ${status}` },
    { attempt: 3 },
  ]);
  expect(textOf(events)).toBe(`You said: hello [[${status}x2]]`);
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
});

test("three failures in a row end the turn with what the provider said", async () => {
  await using server = await startProviderServer();
  const events = await run(runtimeWith(configAt(server)), "[[500]]");
  expect(server.requests).toHaveLength(3);
  expect(events.at(-1)).toEqual({
    type: "error",
    kind: "unknown",
    message: "500 scripted failure 500",
    httpStatus: 500,
    model: { provider: "test", id: "m" },
  });
});

test.each([400, 401, 403, 404, 422])("%i is not asked again", async (status) => {
  await using server = await startProviderServer();
  const events = await run(runtimeWith(configAt(server)), `[[${status}]]`);
  expect(server.requests).toHaveLength(1);
  expect(only(events, "retry")).toEqual([]);
  expect(events.at(-1)).toMatchObject({ type: "error", httpStatus: status });
});

test("a prompt that is too long says so, and no other model is tried", async () => {
  await using server = await startProviderServer(() => ({
    kind: "error",
    status: 400,
    message: "This model's maximum context length is 8192 tokens.",
  }));
  const events = await run(runtimeWith(withFallback(server)), "hello");
  expect(server.requests).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ type: "error", kind: "context_length", httpStatus: 400 });
});

test.each(["retry-after", "retry-after-ms", "date"])("%s is waited for, to the millisecond", async (form) => {
  const clock = createManualClock(Date.parse("2026-11-20T12:00:00Z"));
  const value = { "retry-after": "7", "retry-after-ms": "7000", date: "Fri, 20 Nov 2026 12:00:07 GMT" }[form] ?? "";
  await using server = await startProviderServer(({ n }) =>
    n > 1
      ? { kind: "answer", text: "ok" }
      : { kind: "error", status: 429, headers: { [form === "date" ? "retry-after" : form]: value } },
  );
  const events = runtimeWith(configAt(server), { clock }).run(turnOf("hello"), new AbortController().signal);
  const all = collect(events);
  await clock.sleeping(7_000);
  clock.advance(6_999);
  expect(server.requests).toHaveLength(1);
  clock.advance(1);
  expect(only(await all, "retry")).toEqual([
    { type: "retry", attempt: 2, delayMs: 7_000, reason: "429 scripted failure 429" },
  ]);
  expect(server.requests).toHaveLength(2);
});

test("a wait that is too long goes to the next model, at once and for the rest of the turn", async () => {
  await using one = await startProviderServer(() => ({
    kind: "error",
    status: 429,
    headers: { "retry-after": "3600" },
  }));
  await using two = await startProviderServer();
  const events = await run(runtimeWith(withFallback(one, two)), "[[tool:nothing.md]]");
  expect(shapeOf(events).slice(0, 4)).toEqual(["model", "fallback", "model", "text"]);
  expect(only(events, "fallback")).toEqual([
    {
      type: "fallback",
      from: { provider: "one", id: "m" },
      to: { provider: "two", id: "m" },
      reason: "429 scripted failure 429",
    },
  ]);
  expect(one.requests).toHaveLength(1);
  expect(two.requests).toHaveLength(2);
  expect(messagesOf(events)[0]).toMatchObject({ provider: "two" });
});

test("while a key is refused, other turns go straight to the fallback and nothing is asked in vain", async () => {
  await using one = await startProviderServer(() => ({ kind: "error", status: 429, headers: { "retry-after": "60" } }));
  await using two = await startProviderServer();
  const clock = createManualClock();
  const runtime = runtimeWith(withFallback(one, two), { clock });
  await run(runtime, "first");
  const later = await Promise.all(Array.from({ length: 20 }, (_, index) => run(runtime, `turn ${index}`)));
  expect(later.every((events) => events.at(-1)?.type === "end")).toBe(true);
  expect(one.requests).toHaveLength(1);
  one.script(() => ({ kind: "answer", text: "back again" }));
  clock.advance(60_000);
  expect(textOf(await run(runtime, "after the pause"))).toBe("back again");
});

test("without a fallback a long pause is an error that says how long", async () => {
  await using server = await startProviderServer(() => ({
    kind: "error",
    status: 429,
    headers: { "retry-after": "3600" },
  }));
  const runtime = runtimeWith(configAt(server));
  expect((await run(runtime, "one")).at(-1)).toMatchObject({ type: "error", kind: "rate_limit", httpStatus: 429 });
  const second = await run(runtime, "two");
  expect(second.at(-1)).toMatchObject({
    type: "error",
    kind: "rate_limit",
    message: expect.stringMatching(/^429 rate limited: the provider takes calls again in 3\d{3} s$/),
  });
  expect(server.requests).toHaveLength(1);
});

test("many turns at the same limit: after the pause one call goes first, the others follow when it is taken", async () => {
  const clock = createManualClock();
  const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
  let isLimited = true;
  await using server = await startProviderServer(() =>
    isLimited ? { kind: "error", status: 429, headers: { "retry-after": "5" } } : { kind: "answer", text: "ok" },
  );
  const runtime = runtimeWith(configAt(server), {
    clock,
    fetch: async (input, init) => {
      if (!isLimited) await gate;
      return fetch(input, init);
    },
  });
  const turns = Array.from({ length: 50 }, (_, index) => run(runtime, `turn ${index}`));
  await server.request(50);
  const before = server.requests.length;
  expect(before).toBe(50);
  await Promise.all(server.requests.map(({ finished }) => finished));
  await clock.sleeping(5_000);
  // Whatever of the fifty refusals came last did not make the pause longer.
  isLimited = false;
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5_000);
  openGate();
  const done = await Promise.all(turns);
  expect(done.every((events) => events.at(-1)?.type === "end")).toBe(true);
  expect(server.requests).toHaveLength(100);
});

test.each(["401", "403", "404"])("%s goes to the fallback without a retry", async (status) => {
  await using one = await startProviderServer();
  await using two = await startProviderServer(() => ({ kind: "answer", text: "ok" }));
  const events = await run(runtimeWith(withFallback(one, two)), `[[${status}]]`);
  expect(one.requests).toHaveLength(1);
  expect(shapeOf(events)).toEqual(["model", "fallback", "model", "text", "usage", "message", "end"]);
});

test("a stream that breaks in the middle is void and asked again", async () => {
  await using server = await startProviderServer();
  const events = await run(runtimeWith(configAt(server)), "[[breakx1]]");
  expect(shapeOf(events)).toEqual(["model", "text", "retry", "text", "usage", "message", "end"]);
  expect(only(events, "retry")[0]?.reason).toContain("broke off");
  expect(messagesOf(events)).toMatchObject([{ content: [{ text: "You said: [[breakx1]]" }] }]);
});

test("an answer that ends without an end is not an answer", async () => {
  await using server = await startProviderServer();
  const events = await run(runtimeWith(configAt(server)), "[[empty]]");
  expect(server.requests).toHaveLength(3);
  expect(events.at(-1)).toMatchObject({ type: "error", message: "the model gave an empty answer" });
});

test.each(["silence", "stall"])("%s ends by the clock and the next model takes over", async (kind) => {
  const clock = createManualClock();
  await using one = await startProviderServer();
  await using two = await startProviderServer(() => ({ kind: "answer", text: "ok" }));
  const timeouts = { firstByteMs: 30_000, idleMs: 20_000 };
  const runtime = runtimeWith(withFallback(one, two), { clock, timeouts, retry: { attempts: 1 } });
  const { promise: spoken, resolve } = Promise.withResolvers<void>();
  const events = (async () => {
    const all = [];
    for await (const event of runtime.run(turnOf(`[[${kind}]]`), new AbortController().signal)) {
      all.push(event);
      if (textOf(all) === "This answer goes only") resolve();
    }
    return all;
  })();
  const { finished } = await one.request(1);
  if (kind === "stall") await spoken;
  clock.advance(kind === "stall" ? 20_000 : 30_000);
  const all = await events;
  expect(only(all, "fallback")[0]?.reason).toMatch(
    kind === "stall" ? /sent nothing for 20 s/ : /did not answer within 30 s/,
  );
  expect(all.at(-1)).toEqual({ type: "end", stopReason: "stop" });
  expect(await finished).toBe(false);
});

test("a provider that cannot be reached is an error without a status, and without the key", async () => {
  const gone = await startProviderServer();
  await gone.close();
  const events = await run(runtimeWith(configAt(gone)), "hello");
  expect(only(events, "retry")).toHaveLength(2);
  const [error] = only(events, "error");
  expect(error).toMatchObject({ kind: "unknown", message: expect.stringContaining("Cannot connect") });
  expect(error).not.toHaveProperty("httpStatus");
  expect(JSON.stringify(events)).not.toContain(testKey);
});

test("a model that is not there is passed over, visibly", async () => {
  await using server = await startProviderServer();
  const config = configAt(server, { defaults: { model: { primary: "nowhere/x", fallbacks: ["test/m"] } } });
  const events = await run(runtimeWith(config), "hello");
  expect(only(events, "fallback")).toMatchObject([
    { from: { provider: "nowhere", id: "x" }, reason: expect.stringContaining("NOWHERE_API_KEY") },
  ]);
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
  const alone = await run(runtimeWith(configAt(server, { defaults: { model: "nowhere/x" } })), "hello");
  expect(alone).toMatchObject([
    { type: "error", kind: "unknown", message: expect.stringContaining("models.providers.nowhere") },
  ]);
});
