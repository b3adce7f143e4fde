import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ProviderApi } from "../config.ts";
import {
  messagesOf,
  only,
  providerAt,
  run,
  runtimeWith,
  temporaryFolder,
  testKey,
  textOf,
  turnOf,
} from "../testing/harness.ts";
import { startProviderServer } from "../testing/index.ts";

const forms: readonly { api: ProviderApi; path: string; keyHeader: [string, string] }[] = [
  { api: "openai-completions", path: "/v1/chat/completions", keyHeader: ["authorization", `Bearer ${testKey}`] },
  { api: "openai-responses", path: "/v1/responses", keyHeader: ["authorization", `Bearer ${testKey}`] },
  { api: "anthropic-messages", path: "/v1/messages", keyHeader: ["x-api-key", testKey] },
  {
    api: "google-generative-ai",
    path: "/v1beta/models/m:streamGenerateContent",
    keyHeader: ["x-goog-api-key", testKey],
  },
];

describe.each(forms)("$api", ({ api, path, keyHeader: [header, value] }) => {
  const configFor = (server: Awaited<ReturnType<typeof startProviderServer>>) => ({
    models: { providers: { test: providerAt(server, api) } },
  });

  test("text", async () => {
    await using server = await startProviderServer();
    const events = await run(runtimeWith(configFor(server)), "hello");
    expect(textOf(events)).toBe("You said: hello");
    expect(only(events, "usage")[0]?.usage).toMatchObject({ input: 12, output: 7, totalTokens: 19 });
    expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
    const [request] = server.requests;
    expect(request).toMatchObject({ path, model: "m", lastUserText: "hello", toolNames: ["read"] });
    expect(request?.headers[header]).toBe(value);
  });

  test("tool call", async () => {
    await using server = await startProviderServer();
    await using state = await temporaryFolder({ "workspace/NOTES.md": "buy milk" });
    const events = await run(runtimeWith(configFor(server), { stateDir: state.path }), "[[tool]]");
    expect(only(events, "tool-end")).toMatchObject([{ name: "read", isError: false }]);
    expect(textOf(events)).toContain("buy milk");
    expect(messagesOf(events).map(({ role }) => role)).toEqual(["assistant", "toolResult", "assistant"]);
    expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
  });

  test("a refused key is an error with the provider's words and without the key", async () => {
    await using server = await startProviderServer(() => ({
      kind: "error",
      status: 401,
      message: `wrong key ${testKey}`,
    }));
    const events = await run(runtimeWith(configFor(server)), "hello");
    expect(events.at(-1)).toMatchObject({
      type: "error",
      kind: "unknown",
      httpStatus: 401,
      message: "401 wrong key [secret]",
    });
    expect(server.requests).toHaveLength(1);
  });

  test("a connection that breaks in the middle is asked again", async () => {
    await using server = await startProviderServer();
    const events = await run(runtimeWith(configFor(server)), "hello [[breakx1]]");
    expect(only(events, "retry")).toMatchObject([{ attempt: 2 }]);
    expect(messagesOf(events)).toMatchObject([{ content: [{ type: "text", text: "You said: hello [[breakx1]]" }] }]);
  });

  test("an abort hangs up", async () => {
    await using server = await startProviderServer();
    const controller = new AbortController();
    const events = runtimeWith(configFor(server)).run(turnOf("[[slow]]"), controller.signal);
    const seen = [];
    for await (const event of events) {
      seen.push(event);
      if (event.type === "text") controller.abort();
    }
    expect(seen.at(-1)).toEqual({ type: "end", stopReason: "aborted" });
    expect(messagesOf(seen)).toMatchObject([
      { stopReason: "aborted", content: [{ type: "text", text: textOf(seen) }] },
    ]);
    expect(await server.requests[0]?.finished).toBe(false);
  });
});

test("what a model signed goes back to it, and to no other model", async () => {
  await using server = await startProviderServer();
  const providers = { a: providerAt(server, "anthropic-messages"), b: providerAt(server, "anthropic-messages") };
  const runtime = runtimeWith({ models: { providers } });
  const first = await run(runtime, turnOf("[[think]]", { model: "a/m" }));
  const history = [...turnOf("[[think]]").history, ...messagesOf(first), ...turnOf("more").history];
  await run(runtime, turnOf("", { history, model: "a/m" }));
  expect(JSON.stringify(server.requests.at(-1)?.body)).toContain(`"signature":"signed"`);
  await run(runtime, turnOf("", { history, model: "b/m" }));
  expect(JSON.stringify(server.requests.at(-1)?.body)).not.toContain("signed");
});

test("how much to think is passed on in the provider's own terms", async () => {
  await using server = await startProviderServer();
  const runtime = runtimeWith({ models: { providers: { test: providerAt(server, "openai-responses") } } });
  await run(runtime, turnOf("hello", { thinking: "high" }));
  expect(server.requests.at(-1)?.body["store"]).toBe(false);
  const compatible = runtimeWith({
    models: { providers: { test: providerAt(server) } },
    agents: { defaults: { thinkingDefault: "low" } },
  });
  await run(compatible, "hello");
  expect(server.requests.at(-1)?.body["reasoning_effort"]).toBe("low");
  await run(compatible, turnOf("hello", { thinking: "off" }));
  expect(server.requests.at(-1)?.body).not.toHaveProperty("reasoning_effort");
});

test("provider libraries are loaded by the first turn that needs them, never at the start", () => {
  const folder = join(import.meta.dirname, "..");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  const statics = sources.flatMap(
    (name) => readFileSync(join(folder, name), "utf8").match(/^import (?!type )[^;]*from "@ai-sdk\/[^"]+"/gm) ?? [],
  );
  expect(statics).toEqual([]);
});
