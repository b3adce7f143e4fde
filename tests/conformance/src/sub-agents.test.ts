import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgentRuntime } from "@openclaw-gateway/agent";
import { type Script, startProviderServer } from "@openclaw-gateway/agent/testing";
import { createNodeClient } from "@openclaw-gateway/client";
import { type TranscriptMessage, visibleText } from "@openclaw-gateway/protocol";
import { createGateway } from "@openclaw-gateway/server";
import { expect, test } from "vitest";

/** A gateway as people run it, with a priced and an unpriced model behind real HTTP. */
async function startWith(script: Script) {
  const provider = await startProviderServer(script);
  const folder = await mkdtemp(join(tmpdir(), "sub-agents-"));
  const stateDir = join(folder, "state");
  await mkdir(join(stateDir, "workspace"), { recursive: true });
  const priced = { id: "priced", cost: { input: 10_000, output: 10_000 } };
  const config = {
    gateway: { auth: { mode: "token", token: "secret" } },
    models: {
      providers: {
        test: {
          baseUrl: `${provider.url}/v1`,
          apiKey: "k",
          api: "openai-completions",
          models: [priced, { id: "dark" }],
        },
      },
    },
    agents: { defaults: { model: "test/priced", models: { "test/dark": { alias: "night" } } } },
  };
  await writeFile(join(stateDir, "openclaw.json"), JSON.stringify(config));
  const gateway = await createGateway({
    environment: { HOME: folder, OPENCLAW_STATE_DIR: stateDir },
    runtime: (input) => createAgentRuntime(input),
    overrides: { port: 0, drainBudgetMs: 300 },
  });
  const { url } = await gateway.start();
  const client = createNodeClient({ url: url.replace(/^http/, "ws"), token: "secret", scopes: ["operator.admin"] });
  await client.connect();
  const messages = async (sessionKey: string): Promise<TranscriptMessage[]> =>
    (await client.request("chat.history", { sessionKey })).messages;
  /** Resolves with the transcript of the main session when it is this long. */
  const told = async (length: number): Promise<string[]> => {
    for (;;) {
      const all = await messages("main");
      if (all.length >= length) return all.map((message) => visibleText(message));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    provider,
    client,
    messages,
    told,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await gateway.stop();
      await provider.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const call = (name: string, args: Record<string, unknown>) => ({
  kind: "answer" as const,
  toolCalls: [{ name, args }],
  usage: { input: 10, output: 10 },
});
const say = (text: string) => ({ kind: "answer" as const, text, usage: { input: 10, output: 10 } });

test("a model starts a sub-agent by its tool, goes on, and is told of the end", async () => {
  await using one = await startWith(({ lastUserText, toolResults, toolNames }) => {
    if (lastUserText === "count them") return say(`42 of them, with ${toolNames.join(" ")}`);
    if (lastUserText.startsWith("[Sub-agent]")) return say("There are 42.");
    return toolResults.length === 0
      ? call("sessions_spawn", { task: "count them", label: "Counting" })
      : say("I have somebody count them.");
  });
  await one.client.request("chat.send", { sessionKey: "main", message: "how many?", idempotencyKey: "q" });
  const told = await one.told(6);
  expect(told[0]).toBe("how many?");
  expect(told[2]).toContain("childSessionKey");
  expect(told[3]).toBe("I have somebody count them.");
  expect(told[4]).toContain('"Counting" has finished.');
  // The sub-agent has no tools to reach other sessions with.
  expect(told[4]).toContain("42 of them, with read exec process\n");
  expect(told[5]).toBe("There are 42.");
});

test("a budget stops a sub-agent by what the provider reports and the configuration prices", async () => {
  await using one = await startWith(({ lastUserText }) =>
    lastUserText.startsWith("[Sub-agent]") ? say("Too bad.") : call("read", { path: "nothing.md" }),
  );
  // One call is 20 tokens at $10,000 for a million: $0.20.
  await one.client.request("sessions.spawn", { task: "read on", budget: 0.5 });
  const told = await one.told(2);
  expect(told[0]).toContain("the budget of $0.50 is spent ($0.60)");
  expect(told[0]).toContain("$0.6000");
  expect(one.provider.requests.filter(({ lastUserText }) => lastUserText === "read on")).toHaveLength(3);
  await expect(one.client.request("sessions.spawn", { task: "x", budget: 1, model: "Night" })).rejects.toThrow(
    /test\/dark has no known price/,
  );
});
