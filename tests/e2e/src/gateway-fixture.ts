import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgentRuntime } from "@openclaw-gateway/agent";
import { type ProviderServer, startProviderServer } from "@openclaw-gateway/agent/testing";
import { type Args, createNodeClient } from "@openclaw-gateway/client";
import type { MethodName, Result } from "@openclaw-gateway/protocol";
import { createGateway, type CreateGatewayOptions, type InstalledGateway } from "@openclaw-gateway/server";

export const token = "e2e-token-0123456789";

export type GatewayFixture = AsyncDisposable & {
  readonly provider: ProviderServer;
  /** `http://127.0.0.1:<port>`, the same after a restart. */
  readonly origin: string;
  /** Folder of the agent. */
  readonly workspace: string;
  /** Calls a method as an administrator on the gateway's machine does. */
  call<M extends MethodName>(method: M, ...args: Args<M>): Promise<Result<M>>;
  stop(): Promise<void>;
  start(): Promise<void>;
};

type FixtureOptions = {
  /** Without one the gateway serves no dashboard. */
  dashboardDir?: string;
  /** Origins of pages that another server served. */
  allowedOrigins?: readonly string[];
  /** HTTP APIs that are off unless somebody wants them. */
  endpoints?: { chatCompletions?: { enabled: boolean } };
  overrides?: CreateGatewayOptions["overrides"];
  agentName?: string;
};

/** A whole gateway in a folder of its own, its agent connected to a scripted provider. */
export async function createGatewayFixture({
  dashboardDir,
  allowedOrigins = [],
  endpoints = {},
  overrides,
  agentName = "Claw",
}: FixtureOptions): Promise<GatewayFixture> {
  const stateDir = await mkdtemp(join(tmpdir(), "openclaw-e2e-"));
  const workspace = join(stateDir, "workspace");
  await mkdir(workspace);
  await writeFile(join(workspace, "NOTES.md"), "Water the plants.\n");
  const provider = await startProviderServer();
  const config = {
    models: {
      providers: {
        local: {
          baseUrl: `${provider.url}/v1`,
          apiKey: "none",
          api: "openai-completions",
          models: [{ id: "parrot", name: "Parrot" }],
        },
      },
    },
    agents: { defaults: { model: "local/parrot", workspace }, list: [{ id: "main", default: true, name: agentName }] },
    logging: { level: "silent" },
    gateway: { controlUi: { allowedOrigins }, http: { endpoints } },
  };
  await writeFile(join(stateDir, "openclaw.json"), JSON.stringify(config));
  let gateway: InstalledGateway | undefined;
  let port = 0;

  async function start(): Promise<void> {
    gateway = await createGateway({
      environment: { OPENCLAW_STATE_DIR: stateDir, OPENCLAW_GATEWAY_TOKEN: token, HOME: stateDir },
      runtime: ({ config, environment, stateDir: folder, clock }) =>
        createAgentRuntime({ config, environment, stateDir: folder, clock }),
      overrides: { drainBudgetMs: 0, ...overrides, host: "127.0.0.1", port },
      ...(dashboardDir !== undefined && { controlUiDir: dashboardDir }),
    });
    ({ port } = await gateway.start());
    await gateway.ready();
  }

  await start();
  return {
    provider,
    workspace,
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    call: async (method, ...args) => {
      const client = createNodeClient({ url: `ws://127.0.0.1:${port}`, token, reconnect: false });
      try {
        await client.connect();
        return await client.request(method, ...args);
      } finally {
        await client.close();
      }
    },
    start,
    stop: async () => {
      await gateway?.stop();
      gateway = undefined;
    },
    [Symbol.asyncDispose]: async () => {
      await gateway?.stop();
      await provider.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
