import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import type { AgentRuntimeConfig } from "../config.ts";
import { messagesOf, only, providerAt, run, runtimeWith, shapeOf, turnOf } from "../testing/harness.ts";
import { type ProviderServer, type Script, startProviderServer } from "../testing/index.ts";
import { calls, result, says, summed, user } from "../testing/transcripts.ts";
import { records } from "../testing/wire-form.ts";

const isSummary = ({ lastUserText }: { lastUserText: string }) => lastUserText.includes("<conversation>");
const answering =
  (...special: Script[]): Script =>
  (request) => {
    const found = special.map((each) => each(request)).find((answer) => answer !== undefined);
    if (found) return found;
    if (isSummary(request)) return { kind: "answer", text: "SUMMARY", usage: { input: 50, output: 5 } };
    return { kind: "answer", text: "fine", usage: { input: 300, output: 7 } };
  };
const tooLong: ReturnType<Script> = { kind: "error", status: 400, message: "maximum context length is 4096 tokens" };
const nothing = undefined as unknown as ReturnType<Script>;

const configFor = (
  server: ProviderServer,
  contextWindow: number,
  more: NonNullable<NonNullable<AgentRuntimeConfig["agents"]>["defaults"]> = {},
): AgentRuntimeConfig => {
  const provider = providerAt(server);
  const models = [
    { ...provider.models[0]!, contextWindow },
    { id: "writer", name: "Writer", contextWindow: 50_000 },
  ];
  return { models: { providers: { test: { ...provider, models } } }, agents: { defaults: more } };
};
const sent = (server: ProviderServer, n = -1) => records(server.requests.at(n)?.body["messages"]);
const textsOf = (server: ProviderServer, n = -1) => sent(server, n).map(({ content }) => JSON.stringify(content));
/** Turns of about 1,000 tokens each. */
const talk = (turns: number): TranscriptMessage[] =>
  Array.from({ length: turns }, (_, n) => [user(`question ${n} ${"q".repeat(2_000)}`), says("a".repeat(2_000))]).flat();

test("a context that comes near the limit is summed up before the model is asked", async () => {
  await using server = await startProviderServer(answering());
  const history = [...talk(12), user("now this")];
  const events = await run(runtimeWith(configFor(server, 20_000)), turnOf("", { history }));
  expect(shapeOf(events)).toEqual([
    "model",
    "compaction-start",
    "usage",
    "compaction-end",
    "text",
    "usage",
    "message",
    "end",
  ]);
  const [end] = only(events, "compaction-end");
  const kept = history.indexOf(end?.done?.firstKept as TranscriptMessage);
  expect(kept).toBeGreaterThan(2);
  expect(history[kept]?.role).toBe("user");
  expect(end).toMatchObject({ willRetry: false, done: { message: { role: "system", summary: "SUMMARY" } } });
  expect(end?.done?.message.tokensBefore).toBeGreaterThan(10_000);
  expect(end?.done?.message.tokensAfter).toBeLessThan(end?.done?.message.tokensBefore ?? 0);
  // System prompt, summary with the first message that stays, the others.
  const texts = textsOf(server);
  expect(texts[1]).toContain("SUMMARY");
  expect(texts.join()).not.toContain("question 0");
  expect(texts.at(-1)).toContain("now this");
  expect(only(events, "usage")[0]).toMatchObject({
    contextTokens: end?.done?.message.tokensAfter,
    usage: { input: 50 },
  });
});

test("what the provider counted last decides, not an estimate", async () => {
  await using server = await startProviderServer(answering());
  const counted = { ...says("short"), usage: { ...says("").usage, input: 15_000, output: 10 } };
  const events = await run(
    runtimeWith(configFor(server, 20_000)),
    turnOf("", { history: [user("a"), counted, user("b")] }),
  );
  expect(only(events, "compaction-end")).toMatchObject([{ done: { message: { tokensBefore: expect.any(Number) } } }]);
  // A count from before the summary is of another context.
  const after = await run(
    runtimeWith(configFor(server, 20_000)),
    turnOf("", { history: [summed("earlier"), user("a"), counted, user("b")] }),
  );
  expect(shapeOf(after)).not.toContain("compaction-start");
});

test("repeated compaction carries the earlier summary on", async () => {
  await using server = await startProviderServer(answering());
  await run(
    runtimeWith(configFor(server, 20_000)),
    turnOf("", { history: [summed("EARLIER"), ...talk(12), user("x")] }),
  );
  expect(server.requests[0]?.lastUserText).toContain("<earlier-summary>\nEARLIER\n</earlier-summary>");
  expect(textsOf(server).join()).not.toContain("EARLIER");
});

test("a conversation that does not fit into one call is summed up in parts", async () => {
  await using server = await startProviderServer(answering());
  const history = [...talk(40), user("x")];
  await run(runtimeWith(configFor(server, 20_000)), turnOf("", { history }));
  const summaries = server.requests.filter(isSummary);
  expect(summaries.length).toBeGreaterThan(3);
  expect(summaries.slice(1).every(({ lastUserText }) => lastUserText.includes("<earlier-summary>\nSUMMARY"))).toBe(
    true,
  );
  for (let n = 0; n < 35; n++)
    expect(summaries.some(({ lastUserText }) => lastUserText.includes(`question ${n} `))).toBe(true);
});

test("a context that the provider refuses is summed up once and asked again", async () => {
  await using server = await startProviderServer(
    answering((request) =>
      isSummary(request) || JSON.stringify(request.body).includes("SUMMARY") ? nothing : tooLong,
    ),
  );
  const history = [...talk(6), user("now this")];
  const events = await run(runtimeWith(configFor(server, 100_000)), turnOf("", { history }));
  expect(only(events, "compaction-start")).toEqual([{ type: "compaction-start", reason: "overflow" }]);
  expect(only(events, "compaction-end")).toMatchObject([{ willRetry: true, done: {} }]);
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
});

test("a provider that goes on refusing is not asked forever", async () => {
  await using server = await startProviderServer(answering((request) => (isSummary(request) ? nothing : tooLong)));
  const events = await run(runtimeWith(configFor(server, 100_000)), turnOf("", { history: [...talk(6), user("x")] }));
  expect(events.at(-1)).toMatchObject({ type: "error", kind: "context_length" });
  expect(server.requests.filter((request) => !isSummary(request))).toHaveLength(2);
});

test("a failing summary leaves the turn as it was; after a refusal the error says so", async () => {
  await using server = await startProviderServer(
    answering((request) => (isSummary(request) ? { kind: "error", status: 401, message: "no" } : nothing)),
  );
  const runtime = runtimeWith(configFor(server, 20_000));
  const events = await run(runtime, turnOf("", { history: [...talk(12), user("x")] }));
  expect(only(events, "compaction-end")).toEqual([{ type: "compaction-end", willRetry: false, problem: "401 no" }]);
  expect(messagesOf(events)).toMatchObject([{ content: [{ text: "fine" }] }]);
  expect(textsOf(server).join()).toContain("question 0");

  server.script(answering((request) => (isSummary(request) ? { kind: "error", status: 401, message: "no" } : tooLong)));
  const refused = await run(runtime, turnOf("", { history: [...talk(2), user("x")] }));
  expect(refused.at(-1)).toMatchObject({
    type: "error",
    kind: "context_length",
    message: expect.stringMatching(/maximum context length.*could not be summed up: 401 no.*\/new/),
  });
});

test("in the middle of a turn no call is parted from its result, and the request is carried on in its own words", async () => {
  let asked = 0;
  await using server = await startProviderServer(
    answering((request) => {
      if (isSummary(request)) return nothing;
      asked++;
      if (asked > 3) return nothing;
      return {
        kind: "answer",
        text: "t".repeat(12_000),
        toolCalls: [{ name: "read", args: { path: "nowhere.md" } }],
        usage: { input: 4_000 * asked, output: 3_000 },
      };
    }),
  );
  const history = [user("please do the thing")];
  const events = await run(runtimeWith(configFor(server, 16_000)), turnOf("", { history }));
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
  expect(only(events, "compaction-end").length).toBeGreaterThan(0);
  const last = sent(server);
  expect(JSON.stringify(last[1])).toContain("please do the thing");
  const before = last.flatMap(({ role }, index) => (role === "tool" ? [last[index - 1]?.["role"]] : []));
  expect(before.every((role) => role === "assistant" || role === "tool")).toBe(true);
});

test("an abort during the summary ends the turn as aborted", async () => {
  await using server = await startProviderServer(
    answering((request) => (isSummary(request) ? { kind: "silence" } : nothing)),
  );
  const controller = new AbortController();
  const events = run(
    runtimeWith(configFor(server, 20_000)),
    turnOf("", { history: [...talk(12), user("x")] }),
    controller.signal,
  );
  await server.request(1);
  controller.abort();
  expect((await events).at(-1)).toEqual({ type: "end", stopReason: "aborted" });
});

test("another model may write the summary, with what the configuration and the person want in it", async () => {
  await using server = await startProviderServer(answering());
  const compaction = { model: "test/writer", customInstructions: "keep ticket numbers" };
  const runtime = runtimeWith(configFor(server, 20_000, { compaction }));
  const request = {
    sessionKey: "agent:main:main",
    sessionId: "s",
    agentId: "main",
    history: [user("a"), calls("1"), result("1"), says("b"), user("c"), says("d")],
    instructions: "and the colours",
  };
  const signal = new AbortController().signal;
  const compacted = await runtime.compact(request, signal);
  expect(compacted).toMatchObject({
    kind: "done",
    message: { summary: "SUMMARY" },
    firstKept: request.history[4],
    usage: [{ model: { provider: "test", id: "writer" }, usage: { input: 50 } }],
  });
  expect(server.requests[0]?.model).toBe("writer");
  expect(server.requests[0]?.lastUserText).toContain("keep ticket numbers");
  expect(server.requests[0]?.lastUserText).toContain("and the colours");
  expect(await runtime.compact({ ...request, history: [user("a")] }, signal)).toEqual({ kind: "nothing" });
  server.script(() => ({ kind: "error", status: 401, message: "no" }));
  expect(await runtime.compact(request, signal)).toEqual({ kind: "failed", message: "401 no" });
});
