import { type Access, ensureAccess } from "./config/access.ts";
import type { Whois } from "./auth/tailscale.ts";
import { deviceTokenKey } from "./config/device-key.ts";
import { createLiveConfig } from "./config/live-config.ts";
import { ConfigError, type LoadedConfig, loadConfig } from "./config/load.ts";
import { type Environment, expandPath, resolveStatePaths, type StatePaths } from "./config/paths.ts";
import { type SettingsOverrides, settingsFromConfig } from "./config/settings-from-config.ts";
import type { GatewayConfig } from "./config/schema.ts";
import type { SecretMemory } from "./config/secret-references.ts";
import { tlsSettings } from "./config/tls-settings.ts";
import { createConfigWatcher } from "./config/watch-config.ts";
import { createConfigWriter } from "./config/write.ts";
import { createGatewayAround, type Gateway } from "./gateway.ts";
import { type Clock, systemClock } from "./platform/clock.ts";
import { type Log, type LogEcho, type LogFile, openLog } from "./platform/log.ts";
import { tailLogFile } from "./platform/log-tail.ts";
import type { AgentRuntime } from "./runtime/agent-runtime.ts";
import type { GatewaySettings } from "./settings.ts";
import { acquireInstanceLock } from "./store/instance-lock.ts";
import { allMigrations } from "./store/migrations.ts";
import { openSqlite } from "./store/sqlite.ts";
import type { GatewayTls } from "./tls/gateway-tls.ts";

/** What a runtime is made from. */
export type RuntimeInput = {
  config: GatewayConfig;
  environment: Environment;
  stateDir: string;
  clock: Clock;
  log: Log;
};

export type CreateGatewayOptions = {
  /** Where paths and overrides come from; `process.env` when absent. */
  environment?: Environment;
  /** Makes the agent runtime from the configuration. */
  runtime: (input: RuntimeInput) => AgentRuntime;
  /** What a command line or a test sets; wins over environment and file. */
  overrides?: SettingsOverrides & Partial<Omit<GatewaySettings, "auth" | "host" | "port">>;
  /** Folder of the built dashboard. */
  controlUiDir?: string;
  /** Asks who has a tailnet address; the command of the local tailscaled when absent. */
  whois?: Whois;
  /** Where the bundled program keeps its database worker. */
  workerUrl?: URL;
  log?: Log;
  /** Somebody who watches the log file's lines as they are written. */
  logEcho?: LogEcho;
  clock?: Clock;
};

/** A gateway of this installation and what was found out while making it. */
export interface InstalledGateway extends Gateway {
  readonly access: Access;
  readonly loaded: LoadedConfig;
  readonly paths: StatePaths;
  readonly log: Log;
  /** The certificate of the port; absent when the port is plain. */
  readonly tls?: GatewayTls;
  /** Resolves when a change of the configuration needs a restart and `gateway.reload.mode` lets the gateway restart by itself. */
  readonly restartWished: Promise<RestartWish>;
}

/** The keys of the configuration that a restart is for. */
export type RestartWish = { keys: readonly string[] };

/**
 * Makes the gateway of an installation: reads and checks `openclaw.json`, takes the state folder, finds or makes the
 * secret. Throws `ConfigError` for a configuration that cannot be used and `AlreadyRunningError` when another gateway
 * holds the folder; nothing was changed then. `start()` opens the port.
 */
export async function createGateway(options: CreateGatewayOptions): Promise<InstalledGateway> {
  const { environment = process.env, clock = systemClock } = options;
  const paths = resolveStatePaths(environment);
  const secrets: SecretMemory = new Map();
  const read = (): Promise<LoadedConfig> => loadConfig(paths.configPath, environment, secrets);
  const loaded = await read();
  if (!loaded.valid) throw new ConfigError(loaded.path, loaded.issues);
  const base = { ...settingsFromConfig(loaded, options.overrides), ...options.overrides };
  const lock = await acquireInstanceLock(paths.stateDir, paths.lockPath);
  try {
    const access = await ensureAccess(loaded, paths, base.host);
    const { level = "info", file } = loaded.config.logging ?? {};
    const logPath = file === undefined ? paths.logPath : expandPath(file, environment);
    const log: Log & Partial<LogFile> =
      options.log ?? openLog({ level, file: logPath, ...(options.logEcho && { echo: options.logEcho }) });
    if (loaded.warnings.length > 0) {
      const keys = loaded.warnings.map(({ path, line }) => (line === undefined ? path : `${path} (line ${line})`));
      log.warn(
        { file: loaded.path, keys: keys.join(", ") },
        "the configuration has keys that this version does not know; they are kept",
      );
    }
    const wantedTls = tlsSettings(loaded.config, paths, environment);
    // Nobody else pays for loading it.
    const tls = wantedTls
      ? await (
          await import("./tls/gateway-tls.ts")
        ).openGatewayTls({ settings: wantedTls, host: base.host, configPath: loaded.path, clock, log })
      : undefined;
    const runtime = options.runtime({ config: loaded.config, environment, stateDir: paths.stateDir, clock, log });
    const restart = Promise.withResolvers<RestartWish>();
    const config = createLiveConfig({
      // The first start has written a file.
      loaded: access.origin === "created" && !loaded.exists ? await read() : loaded,
      read,
      write: createConfigWriter({ path: paths.configPath, environment, secrets }),
      prepare: async (next) => {
        // The address of the port stays, so what it would be now is of no interest unless somebody changed it.
        const settings = settingsFromConfig(next, { host: base.host, ...options.overrides });
        if (!hasSameAddress(next.config, loaded.config)) settingsFromConfig(next, options.overrides);
        // Throws what the next start would.
        tlsSettings(next.config, paths, environment);
        const { auth } = await ensureAccess(next, paths, base.host);
        return () => {
          runtime.reconfigure(next.config);
          log.setLevel?.(next.config.logging?.level ?? "info");
          gateway.reconfigure({ ...settings, ...options.overrides, auth });
          watcher.follow(next.config.gateway?.reload);
        };
      },
      onChange: (change) => {
        gateway.configChanged(change);
        if (change.restarts) restart.resolve({ keys: change.keys });
      },
      onState: () => gateway.refreshHealth(),
      clock,
      log,
    });
    const watcher = createConfigWatcher({ path: paths.configPath, look: config.look, clock, log });
    const gateway = createGatewayAround({
      settings: { ...base, auth: access.auth },
      runtime,
      ...(tls && { tls }),
      openDatabase: (onState) =>
        openSqlite({
          path: paths.databasePath,
          migrations: allMigrations,
          onState,
          ...(options.workerUrl && { workerUrl: options.workerUrl }),
        }),
      paths,
      environment,
      config: config.current,
      configView: config.view,
      updateConfig: config.update,
      configState: config.state,
      reloadSecrets: config.reloadSecrets,
      deviceTokenKey: () => deviceTokenKey(paths.deviceKeyPath),
      ...(options.whois && { whois: options.whois }),
      tailLog: (page) => tailLogFile(logPath, page),
      ...(options.controlUiDir !== undefined && { controlUiDir: options.controlUiDir }),
      log,
      clock,
    });
    return {
      ...gateway,
      access,
      loaded,
      paths,
      log,
      ...(tls && { tls }),
      restartWished: restart.promise,
      start: async () => {
        const address = await gateway.start();
        watcher.follow(config.current().gateway?.reload);
        await lock.announce(address.url);
        return address;
      },
      stop: async (reason) => {
        watcher.close();
        await gateway.stop(reason);
        await log.flush?.();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

const hasSameAddress = ({ gateway: a = {} }: GatewayConfig, { gateway: b = {} }: GatewayConfig): boolean =>
  a.bind === b.bind && a.customBindHost === b.customBindHost;
