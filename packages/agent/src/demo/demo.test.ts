import { expect, test } from "vitest";
import { createManualClock } from "../testing/clocks.ts";
import { messagesOf, only, run, runtimeWith, shapeOf, temporaryFolder, textOf, turnOf } from "../testing/harness.ts";
import { demoLabel } from "./demo-answers.ts";
import { fileToRead } from "./file-to-read.ts";

/** Time passes as fast as the demo can sleep. */
function rushedClock() {
  const clock = createManualClock();
  return {
    ...clock,
    at: (atMs: number, fire: () => void) => {
      const cancel = clock.at(atMs, fire);
      // The watchdog's minutes do not pass, the demo's milliseconds do.
      if (atMs - clock.now() < 1_000) setImmediate(() => clock.advance(Math.max(0, atMs - clock.now())));
      return cancel;
    },
  };
}

test("the demo explains how to add a provider, in small pieces, and says that it is a demo", async () => {
  const events = await run(runtimeWith({}, { clock: rushedClock() }), "hello you");
  expect(shapeOf(events)).toEqual(["model", "text", "usage", "message", "end"]);
  expect(only(events, "model")).toEqual([{ type: "model", model: { provider: "demo", id: "offline" } }]);
  expect(only(events, "text").length).toBeGreaterThan(50);
  const text = textOf(events);
  expect(text.startsWith(demoLabel)).toBe(true);
  for (const part of ["hello you", "ANTHROPIC_API_KEY", "openclaw.json", "models", "openai-completions"])
    expect(text).toContain(part);
  expect(messagesOf(events)).toMatchObject([
    { provider: "demo", model: "offline", api: "demo", content: [{ type: "text", text }] },
  ]);
  expect(only(events, "usage")[0]?.usage).toMatchObject({ totalTokens: 0, cost: { total: 0 } });
});

test("the demo sums nothing up: what was said stays", async () => {
  const said = (n: number) => ({
    role: "user" as const,
    content: [{ type: "text" as const, text: "word ".repeat(500) }],
    timestamp: n,
  });
  const runtime = runtimeWith({}, { clock: rushedClock() });
  const request = { sessionKey: "agent:main:main", sessionId: "s", agentId: "main", history: [1, 2, 3, 4].map(said) };
  expect(await runtime.compact(request, new AbortController().signal)).toEqual({
    kind: "failed",
    message: "no model provider is configured, and the demo cannot sum up",
  });
});

test("the demo reads a file with the tool and quotes it", async () => {
  await using state = await temporaryFolder({ "workspace/NOTES.md": "buy ``` milk" });
  const runtime = runtimeWith({}, { clock: rushedClock(), stateDir: state.path });
  const events = await run(runtime, "please read NOTES.md");
  expect(only(events, "tool-start")).toMatchObject([{ name: "read", args: { path: "NOTES.md" } }]);
  expect(messagesOf(events).map(({ role }) => role)).toEqual(["assistant", "toolResult", "assistant"]);
  const answer = messagesOf(events)[2]?.content[0];
  expect(answer).toMatchObject({ text: expect.stringContaining("````\nbuy ``` milk\n````") });
  expect(answer).toMatchObject({ text: expect.stringContaining(demoLabel) });
  const missing = await run(runtime, "read the file ../secret.txt");
  expect(textOf(missing)).toContain("outside the workspace");
  const refused = await run(runtime, turnOf("read NOTES.md", { allowedTools: [] }));
  expect(textOf(refused)).toContain("not available");
  expect(only(refused, "tool-start")).toEqual([]);
});

test("a slow answer can be stopped", async () => {
  const controller = new AbortController();
  const seen = [];
  for await (const event of runtimeWith({}, { clock: rushedClock() }).run(turnOf("/demo slow"), controller.signal)) {
    seen.push(event);
    if (textOf(seen).includes("line 2 of")) controller.abort();
  }
  expect(seen.at(-1)).toEqual({ type: "end", stopReason: "aborted" });
  expect(messagesOf(seen)).toMatchObject([{ stopReason: "aborted" }]);
  expect(textOf(seen)).not.toContain("line 3");
});

test("a slow answer takes its time", async () => {
  const clock = createManualClock();
  const controller = new AbortController();
  const events = runtimeWith({}, { clock }).run(turnOf("be slow"), controller.signal)[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ type: "model" });
  const first = events.next();
  await clock.sleeping(150);
  clock.advance(150);
  expect((await first).value).toMatchObject({ type: "text" });
  controller.abort();
  await events.return?.();
});

test.each([
  ["read NOTES.md", "NOTES.md"],
  ["Please READ the file notes/today, and tell me", "notes/today"],
  ["read the file X", "X"],
  ["can you read me ./a.txt?", "./a.txt"],
  [`read "my notes.md"`, "my notes.md"],
  ["read `a b.txt` please", "a b.txt"],
  ["read this carefully", undefined],
  ["I already did", undefined],
  ["spread a.b", undefined],
])("%j asks for %s", (message, path) => {
  expect(fileToRead(message)).toBe(path);
});
