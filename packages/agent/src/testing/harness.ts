import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import type { AgentRuntime, Clock, Turn, TurnEvent } from "@openclaw-gateway/server";
import type { AgentRuntimeConfig, ProviderApi } from "../config.ts";
import { type AgentRuntimeOptions, createAgentRuntime } from "../runtime.ts";
import { realClock } from "./clocks.ts";
import type { ProviderServer } from "./provider-server.ts";

export const testKey = "sk-test-0123456789";

/** A folder that is gone when the test ends. */
export async function temporaryFolder(files: Readonly<Record<string, string>> = {}) {
  const path = await mkdtemp(join(tmpdir(), "agent-test-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export const userMessage = (text: string): TranscriptMessage => ({
  role: "user",
  content: [{ type: "text", text }],
  timestamp: 1,
});

export const turnOf = (text: string, more: Partial<Turn> = {}): Turn => ({
  runId: "run-1",
  sessionKey: "agent:main:main",
  sessionId: "session-1",
  agentId: "main",
  history: [userMessage(text)],
  attachments: [],
  allowedTools: "all",
  ...more,
});

/** A provider of the scripted server with one model, `m`. */
export const providerAt = (
  server: ProviderServer,
  api: ProviderApi = "openai-completions",
  apiKey: string = testKey,
) => ({
  baseUrl: api === "anthropic-messages" || api === "google-generative-ai" ? server.url : `${server.url}/v1`,
  api,
  apiKey,
  models: [
    {
      id: "m",
      name: "M",
      reasoning: true,
      contextWindow: 100_000,
      input: ["text", "image"],
      cost: { input: 2, output: 10 },
    },
  ],
});

export const configAt = (server: ProviderServer, more: AgentRuntimeConfig["agents"] = {}): AgentRuntimeConfig => ({
  models: { providers: { test: providerAt(server) } },
  agents: more,
});

/** Waits are short, so that tests are; what they are is tested with a clock that is moved by hand. */
export const quickly: Pick<AgentRuntimeOptions, "retry" | "clock"> = {
  clock: realClock,
  retry: { baseDelayMs: 1, maxDelayMs: 2 },
};

export function runtimeWith(
  config: AgentRuntimeConfig,
  more: Partial<AgentRuntimeOptions> & { clock?: Clock } = {},
): AgentRuntime {
  return createAgentRuntime({
    environment: {},
    stateDir: join(tmpdir(), "agent-test-nowhere"),
    config,
    ...quickly,
    ...more,
  });
}

export async function collect(events: AsyncIterable<TurnEvent>): Promise<TurnEvent[]> {
  const all: TurnEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export const run = (
  runtime: AgentRuntime,
  turn: Turn | string,
  signal: AbortSignal = new AbortController().signal,
): Promise<TurnEvent[]> => collect(runtime.run(typeof turn === "string" ? turnOf(turn) : turn, signal));

type Of<T extends TurnEvent["type"]> = Extract<TurnEvent, { type: T }>;
export const only = <T extends TurnEvent["type"]>(events: readonly TurnEvent[], type: T): Of<T>[] =>
  events.filter((event): event is Of<T> => event.type === type);

export const textOf = (events: readonly TurnEvent[]): string =>
  only(events, "text")
    .map(({ delta }) => delta)
    .join("");
export const messagesOf = (events: readonly TurnEvent[]): TranscriptMessage[] =>
  only(events, "message").map(({ message }) => message);
/** Kinds of events in order, runs of the same kind as one. */
export const shapeOf = (events: readonly TurnEvent[]): string[] =>
  events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
