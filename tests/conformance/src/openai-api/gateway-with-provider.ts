import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgentRuntime } from "@openclaw-gateway/agent";
import { type ProviderServer, startProviderServer } from "@openclaw-gateway/agent/testing";
import { createGateway, type InstalledGateway } from "@openclaw-gateway/server";
import OpenAI, { type ClientOptions } from "openai";

export type GatewayWithProvider = AsyncDisposable & {
  provider: ProviderServer;
  gateway: InstalledGateway;
  /** `http://127.0.0.1:<port>/` */
  url: string;
  token: string;
  /** The official client of this gateway; it does not try again by itself unless told to. */
  openai(options?: ClientOptions): OpenAI;
};

const token = "sdk-token";

type Options = {
  /** Laid over `gateway.http.endpoints`. */
  endpoints?: Record<string, unknown>;
  /** Laid over `gateway`. */
  gateway?: Record<string, unknown>;
  /** `agents.defaults.memorySearch` */
  memorySearch?: Record<string, unknown>;
  /** Laid over the rest of the file. */
  config?: Record<string, unknown>;
};

/** A gateway as people install it, with both OpenAI endpoints, in front of a scripted provider behind real HTTP. */
export async function startGatewayWithProvider({
  endpoints,
  gateway: more,
  memorySearch,
  config,
}: Options = {}): Promise<GatewayWithProvider> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-sdk-"));
  const provider = await startProviderServer();
  const [stateDir, workspace] = [join(folder, "state"), join(folder, "workspace")];
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, "NOTES.md"), "The secret word is marmalade.\n");
  const model = {
    id: "m",
    name: "M",
    contextWindow: 100_000,
    maxTokens: 4_096,
    input: ["text", "image"],
    cost: { input: 2, output: 10 },
  };
  const file = {
    gateway: {
      auth: { mode: "token", token },
      http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: true }, ...endpoints } },
      ...more,
    },
    models: {
      providers: {
        test: {
          baseUrl: `${provider.url}/v1`,
          apiKey: "sk-test",
          api: "openai-completions",
          models: [model, { ...model, id: "m2", name: "M2" }],
        },
      },
    },
    agents: {
      defaults: { model: "test/m", workspace, ...(memorySearch && { memorySearch }) },
      list: [{ id: "main" }, { id: "work", name: "Worker" }],
    },
    ...config,
  };
  await writeFile(join(stateDir, "openclaw.json"), JSON.stringify(file), { mode: 0o600 });
  const gateway = await createGateway({
    environment: { HOME: folder, OPENCLAW_STATE_DIR: stateDir },
    runtime: ({ log, ...input }) => createAgentRuntime({ ...input, log, retry: { baseDelayMs: 5, maxDelayMs: 20 } }),
    overrides: { port: 0, drainBudgetMs: 300 },
  });
  const { url } = await gateway.start();
  await gateway.ready();
  return {
    provider,
    gateway,
    url,
    token,
    openai: (options = {}) => new OpenAI({ apiKey: token, baseURL: `${url}v1`, maxRetries: 0, ...options }),
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      await provider.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
