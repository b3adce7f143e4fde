import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Whois } from "../auth/tailscale.ts";
import { createLiveConfig } from "../config/live-config.ts";
import { loadConfig } from "../config/load.ts";
import type { GatewayConfig } from "../config/schema.ts";
import { createConfigWriter } from "../config/write.ts";
import { createGatewayAround, type Gateway, type GatewayOptions, type Reconfigurable } from "../gateway.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { tailLogFile } from "../platform/log-tail.ts";
import { Secret } from "../platform/secret.ts";
import type { AgentRuntime } from "../runtime/agent-runtime.ts";
import { defaultSettings, type GatewaySettings } from "../settings.ts";
import { allMigrations } from "../store/migrations.ts";
import { openMemory } from "../store/memory.ts";
import { silentLog } from "./silent-log.ts";

/** A started gateway on a port of the system's choice, with its state in memory and the token `secret`. */
export async function startTestGateway(
  runtime: AgentRuntime,
  over: {
    settings?: Partial<GatewaySettings>;
    clock?: Clock;
    config?: GatewayConfig;
    environment?: Record<string, string>;
    openDatabase?: GatewayOptions["openDatabase"];
    whois?: Whois;
    controlUiDir?: string;
  } = {},
): Promise<
  AsyncDisposable & { gateway: Gateway & Reconfigurable; settings: GatewaySettings; url: string; port: number }
> {
  const stateDir = await mkdtemp(join(tmpdir(), "gateway-"));
  const configPath = join(stateDir, "openclaw.json");
  const clock = over.clock ?? systemClock;
  const config = createLiveConfig({
    loaded: await loadConfig(configPath, {}),
    read: () => loadConfig(configPath, {}),
    write: createConfigWriter({ path: configPath, environment: {} }),
    prepare: async (next) => () => runtime.reconfigure(next.config),
    onChange: (change) => gateway.configChanged(change),
    onState: () => gateway.refreshHealth(),
    clock,
    log: silentLog,
  });
  const settings: GatewaySettings = {
    ...defaultSettings,
    port: 0,
    auth: { mode: "token", secret: new Secret("secret") },
    drainBudgetMs: 200,
    ...over.settings,
  };
  const gateway = createGatewayAround({
    settings,
    runtime,
    openDatabase: over.openDatabase ?? (async () => openMemory(allMigrations)),
    paths: {
      stateDir,
      configPath,
      databasePath: join(stateDir, "gateway.sqlite"),
      execApprovalsPath: join(stateDir, "exec-approvals.json"),
    },
    environment: { PATH: process.env["PATH"], HOME: stateDir, ...over.environment },
    config: () => ({ ...over.config, ...config.current() }),
    configView: config.view,
    updateConfig: config.update,
    configState: config.state,
    reloadSecrets: config.reloadSecrets,
    deviceTokenKey: async () => new Uint8Array(32),
    ...(over.whois && { whois: over.whois }),
    ...(over.controlUiDir !== undefined && { controlUiDir: over.controlUiDir }),
    tailLog: (page) => tailLogFile(join(stateDir, "gateway.log"), page),
    log: silentLog,
    clock,
  });
  const dispose = async (): Promise<void> => {
    await gateway.stop();
    await rm(stateDir, { recursive: true, force: true });
  };
  try {
    const { url, port } = await gateway.start();
    await gateway.ready();
    return { gateway, settings, url, port, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
