import { expect, test } from "vitest";
import { createManualClock } from "../testing/clocks.ts";
import {
  collect,
  configAt,
  messagesOf,
  run,
  runtimeWith,
  temporaryFolder,
  textOf,
  turnOf,
} from "../testing/harness.ts";
import { startProviderServer } from "../testing/index.ts";

test("an abort before anything was said leaves no message", async () => {
  await using server = await startProviderServer();
  const controller = new AbortController();
  const turn = run(runtimeWith(configAt(server)), turnOf("[[silence]]"), controller.signal);
  const { finished } = await server.request(1);
  controller.abort("rpc");
  const events = await turn;
  expect(messagesOf(events)).toEqual([]);
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "aborted" });
  expect(await finished).toBe(false);
});

test("a turn that is aborted before it begins asks nobody", async () => {
  await using server = await startProviderServer();
  const events = await run(runtimeWith(configAt(server)), turnOf("hello"), AbortSignal.abort());
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "aborted" });
  expect(server.requests).toEqual([]);
});

test("an abort ends the wait for a provider", async () => {
  const clock = createManualClock();
  await using server = await startProviderServer(() => ({
    kind: "error",
    status: 429,
    headers: { "retry-after": "30" },
  }));
  const controller = new AbortController();
  const turn = run(runtimeWith(configAt(server), { clock }), turnOf("hello"), controller.signal);
  await clock.sleeping(30_000);
  controller.abort();
  expect((await turn).at(-1)).toEqual({ type: "end", stopReason: "aborted" });
});

test("an abort between two steps keeps what was finished, and every call has its result", async () => {
  await using server = await startProviderServer();
  await using state = await temporaryFolder({ "workspace/NOTES.md": "buy milk" });
  const controller = new AbortController();
  const seen = [];
  for await (const event of runtimeWith(configAt(server), { stateDir: state.path }).run(
    turnOf("[[tool]]"),
    controller.signal,
  )) {
    seen.push(event);
    if (event.type === "tool-start") controller.abort();
  }
  expect(messagesOf(seen).map(({ role }) => role)).toEqual(["assistant", "toolResult"]);
  expect(messagesOf(seen)[1]).toMatchObject({ isError: true, toolCallId: "call_0" });
  expect(seen.at(-1)).toEqual({ type: "end", stopReason: "aborted" });
  expect(server.requests).toHaveLength(1);
});

test("a reader that goes away ends the request", async () => {
  await using server = await startProviderServer();
  for await (const event of runtimeWith(configAt(server)).run(turnOf("[[slow]]"), new AbortController().signal)) {
    if (event.type === "text") break;
  }
  expect(await server.requests[0]?.finished).toBe(false);
});

test("a turn has a time limit of its own", async () => {
  const clock = createManualClock();
  await using server = await startProviderServer();
  const runtime = runtimeWith(configAt(server, { defaults: { timeoutSeconds: 90 } }), { clock });
  const seen = [];
  for await (const event of runtime.run(turnOf("[[stall]]"), new AbortController().signal)) {
    seen.push(event);
    if (textOf(seen) === "This answer goes only" && event.type === "text") clock.advance(90_000);
  }
  expect(messagesOf(seen)).toMatchObject([{ stopReason: "aborted" }]);
  expect(seen.at(-1)).toMatchObject({ type: "error", kind: "timeout", message: "the turn took longer than 90 s" });
});

test("closing the runtime ends what runs", async () => {
  await using server = await startProviderServer();
  const runtime = runtimeWith(configAt(server));
  const turn = collect(runtime.run(turnOf("[[silence]]"), new AbortController().signal));
  await server.request(1);
  await runtime.close();
  expect((await turn).at(-1)).toEqual({ type: "end", stopReason: "aborted" });
});
