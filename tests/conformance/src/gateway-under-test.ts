import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgentRuntime } from "@openclaw-gateway/agent";
import { createGateway, type InstalledGateway } from "@openclaw-gateway/server";
import { redactedMark } from "@openclaw-gateway/protocol";
import { at, isObject, type JsonObject } from "./json.ts";
import { startStubProvider, type StubProvider } from "./stub-provider.ts";
import { loadTranscript } from "./transcript.ts";

/** Which installation was recorded: token or password, one agent or two, whose model. */
export type Installation = "token" | "password" | "official";

export type GatewayUnderTest = AsyncDisposable &
  Pick<InstalledGateway, "connectMemory"> & {
    url: string;
    port: number;
    token?: string;
    password?: string;
    stateDir: string;
    provider: StubProvider;
    /** As SIGTERM does. */
    stop(): Promise<void>;
    /** Stops it and starts it again: same port, same state folder. */
    restart(): Promise<void>;
  };

export type GatewayUnderTestOptions = {
  installation?: Installation;
  providerDown?: boolean;
  handshakeTimeoutMs?: number;
  maxBufferedBytes?: number;
  /** What the approvals file says for every agent. */
  execDefaults?: { security: string; ask: string };
  /** With a page, as an installation has one. */
  hasPage?: boolean;
  /** Agents beside `main`, as entries of `agents.list`. */
  agents?: readonly JsonObject[];
};

const token = "rec-token";
const password = "rec-password";

/** The recordings wait seconds between attempts; only that there are attempts is of interest here. */
const quickRetries = { baseDelayMs: 20, maxDelayMs: 100 };

/** A gateway as people run it: an `openclaw.json`, a state folder, the agent runtime, a model behind real HTTP. */
export async function startGatewayUnderTest(options: GatewayUnderTestOptions = {}): Promise<GatewayUnderTest> {
  const {
    installation = "token",
    providerDown = false,
    handshakeTimeoutMs,
    maxBufferedBytes,
    execDefaults,
    agents,
    hasPage = false,
  } = options;
  const folder = await mkdtemp(join(tmpdir(), "openclaw-conformance-"));
  const provider = await startStubProvider();
  const [stateDir, workspace] = [join(folder, "state"), join(folder, "workspace")];
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, "NOTES.txt"), "The secret word in NOTES is marmalade.\n");
  for (const name of ["AGENTS", "SOUL", "TOOLS", "IDENTITY", "USER", "HEARTBEAT", "BOOTSTRAP"]) {
    await writeFile(join(workspace, `${name}.md`), `# ${name}\n`);
  }
  const file = configOf(installation, providerDown ? "http://127.0.0.1:1/v1" : provider.baseUrl, workspace);
  // An installation has this file from its first start; the recorded ones had it in the home folder.
  await mkdir(join(folder, ".openclaw"), { mode: 0o700 });
  const approvals = {
    version: 1,
    socket: { path: join(folder, ".openclaw", "exec-approvals.sock") },
    defaults: execDefaults ?? {},
    agents: {},
  };
  await writeFile(join(folder, ".openclaw", "exec-approvals.json"), JSON.stringify(approvals), { mode: 0o600 });
  if (agents) file["agents"] = { ...(file["agents"] as JsonObject), list: [{ id: "main" }, ...agents] };
  await writeFile(join(stateDir, "openclaw.json"), JSON.stringify(file), { mode: 0o600 });
  const pages = join(folder, "pages");
  await mkdir(pages);
  await writeFile(join(pages, "index.html"), "<!doctype html><title>page</title>");
  const startOn = async (wantedPort: number) => {
    const gateway = await createGateway({
      ...(hasPage && { controlUiDir: pages }),
      environment: { HOME: folder, OPENCLAW_STATE_DIR: stateDir },
      runtime: ({ log, ...input }) => createAgentRuntime({ ...input, log, retry: quickRetries }),
      overrides: {
        port: wantedPort,
        drainBudgetMs: 300,
        ...(handshakeTimeoutMs !== undefined && { handshakeTimeoutMs }),
        ...(maxBufferedBytes !== undefined && { maxBufferedBytes }),
      },
    });
    const { port } = await gateway.start();
    await gateway.ready();
    return { gateway, port };
  };
  const first = await startOn(0);
  const { port } = first;
  let { gateway } = first;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= gateway.stop());
  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    ...(installation === "password" ? { password } : { token }),
    stateDir,
    provider,
    connectMemory: (...args) => gateway.connectMemory(...args),
    stop,
    restart: async () => {
      await gateway.stop();
      ({ gateway } = await startOn(port));
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await provider[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The file the recordings of protocol 3 were made with: redacted there, with values of our own here. */
function recordedConfig(baseUrl: string, workspace: string): JsonObject {
  const { lines } = loadTranscript(3, "m-config-read");
  const parsed = lines.map(({ frame }) => at(frame, "payload", "parsed")).find(isObject);
  const put = (value: unknown, key: string): unknown => {
    if (value === redactedMark) return key === "maxTokens" ? 8_192 : key === "apiKey" ? "stub-key" : token;
    if (key === "baseUrl") return baseUrl;
    if (key === "workspace") return workspace;
    if (Array.isArray(value)) return value.map((item) => put(item, ""));
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, put(inner, name)]));
    return value;
  };
  return put(parsed, "") as JsonObject;
}

function configOf(installation: Installation, baseUrl: string, workspace: string): JsonObject {
  const recorded = recordedConfig(baseUrl, workspace);
  if (installation === "token") return recorded;
  if (installation === "password") {
    const work = { id: "work", name: "Work Agent", identity: { name: "Worker", theme: "brisk", emoji: "🛠️" } };
    return {
      ...recorded,
      agents: { ...(recorded["agents"] as JsonObject), list: [{ id: "main" }, work] },
      gateway: {
        mode: "local",
        bind: "loopback",
        auth: { mode: "password", password },
        controlUi: { allowInsecureAuth: true, allowedOrigins: ["https://ui.example"] },
        trustedProxies: ["127.0.0.1"],
      },
    };
  }
  const model = {
    id: "fake-1",
    name: "Fake One",
    reasoning: false,
    input: ["text"],
    contextWindow: 128_000,
    maxTokens: 8_192,
  };
  return {
    gateway: { mode: "local", bind: "loopback", auth: { mode: "token", token } },
    models: {
      mode: "merge",
      providers: { fakeprov: { baseUrl, apiKey: "stub-key", api: "openai-completions", models: [model] } },
    },
    agents: { defaults: { model: { primary: "fakeprov/fake-1" }, workspace }, list: [{ id: "main" }] },
  };
}
