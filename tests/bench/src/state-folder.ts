import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WireConnection } from "./driver/wire-connection.ts";

export const benchToken = "bench-token-0123456789abcdef0123456789abcdef";

/** A state folder with a configuration as a user would write it: one local provider, token, some agents. */
export function writeStateFolder(
  folder: string,
  { providerPort, agents }: { providerPort: number; agents: number },
): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = Array.from({ length: agents }, (_, index) =>
    index === 0 ? "main" : `agent-${String(index).padStart(4, "0")}`,
  );
  const config = {
    gateway: { mode: "local", auth: { mode: "token", token: benchToken } },
    models: {
      providers: {
        bench: {
          baseUrl: `http://127.0.0.1:${providerPort}/v1`,
          apiKey: "bench-key",
          api: "openai-completions",
          models: [{ id: "bench-1", name: "Bench 1", contextWindow: 200_000, maxTokens: 8_192 }],
        },
      },
    },
    agents: {
      defaults: { model: { primary: "bench/bench-1" }, workspace: join(folder, "workspace") },
      ...(agents > 1 && {
        list: names.map((id) => ({ id, name: `Agent ${id}`, ...(id === "main" && { default: true }) })),
      }),
    },
  };
  writeFileSync(join(folder, "openclaw.json"), JSON.stringify(config, null, 2), { mode: 0o600 });
}

export const benchSession = (index: number): string => `agent:main:bench-${String(index).padStart(5, "0")}`;

/** Sessions of the request measurements. */
export const smallState = { sessions: 60, shortHistory: benchSession(0), shortMessages: 20 };

/** Fills a running gateway through its own methods, so that the state is what the gateway itself would have written. */
export async function seedSmallState(connection: WireConnection): Promise<void> {
  await inParallel(smallState.sessions, (index) =>
    connection.request("sessions.patch", { key: benchSession(index), label: `Bench ${index}` }),
  );
  await seedMessages(connection, smallState.shortHistory, smallState.shortMessages);
  const { sessions } = await connection.request("sessions.list", {});
  const { messages } = await connection.request("chat.history", { sessionKey: smallState.shortHistory });
  expectCount("sessions", sessions, smallState.sessions);
  expectCount("messages", messages, smallState.shortMessages);
}

export const largeState = { agents: 1_000, sessions: 10_000, longHistory: "agent:main:bench-long", longMessages: 200 };

/** The newest sessions have a message; a page shows nothing of the others. */
export async function seedLargeState(connection: WireConnection, sessionsWithMessage: number): Promise<void> {
  const { agents, sessions, longHistory, longMessages } = largeState;
  const keyOf = (index: number) =>
    `agent:${index % agents === 0 ? "main" : `agent-${String(index % agents).padStart(4, "0")}`}:bench-${index}`;
  await inParallel(sessions - 1, async (index) => {
    await connection.request("sessions.patch", { key: keyOf(index), label: `Bench ${index}` });
    if (index < sessions - sessionsWithMessage) return;
    await connection.request("chat.inject", {
      sessionKey: keyOf(index),
      message: `Message of session ${index}. ${filler}`,
    });
  });
  await connection.request("sessions.patch", { key: longHistory, label: "Bench long" });
  await seedMessages(connection, longHistory, longMessages);
  const { messages } = await connection.request("chat.history", { sessionKey: longHistory, limit: longMessages });
  expectCount("messages", messages, longMessages);
}

/** A session whose messages come in any order: what counts is how many there are. */
export async function seedDeepHistory(connection: WireConnection, sessionKey: string, count: number): Promise<void> {
  await connection.request("sessions.patch", { key: sessionKey, label: "Bench deep" });
  await inParallel(count, (index) =>
    connection.request("chat.inject", { sessionKey, message: `Message ${index}. ${filler}` }),
  );
}

const filler = "The quick brown fox jumps over the lazy dog. ".repeat(4);

/** One after the other: messages keep their order. */
async function seedMessages(connection: WireConnection, sessionKey: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await connection.request("chat.inject", { sessionKey, message: `Message ${index}. ${filler}` });
  }
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 100 }, worker));
}

function expectCount(what: string, list: unknown, count: number): void {
  if (!Array.isArray(list) || list.length !== count)
    throw new Error(`expected ${count} ${what}, found ${Array.isArray(list) ? list.length : "none"}`);
}
