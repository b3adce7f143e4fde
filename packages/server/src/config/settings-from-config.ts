import { networkInterfaces } from "node:os";
import { isTailnetAddress } from "../auth/address.ts";
import { defaultSettings, type GatewaySettings, type SubagentSettings } from "../settings.ts";
import { ConfigError, type LoadedConfig } from "./load.ts";

/** What a command line may set; it wins over environment and file. */
export type SettingsOverrides = { host?: string; port?: number };

/** The settings of the gateway from the checked configuration, without the secret. */
export function settingsFromConfig(
  loaded: LoadedConfig,
  overrides: SettingsOverrides = {},
): Omit<GatewaySettings, "auth"> {
  const { gateway = {}, session = {} } = loaded.config;
  const limits = gateway.auth?.rateLimit;
  return {
    ...defaultSettings,
    host: overrides.host ?? hostOf(loaded),
    port: overrides.port ?? gateway.port ?? defaultSettings.port,
    rateLimit: {
      maxFailures: limits?.maxAttempts ?? defaultSettings.rateLimit.maxFailures,
      windowMs: limits?.windowMs ?? defaultSettings.rateLimit.windowMs,
      lockoutMs: limits?.lockoutMs ?? defaultSettings.rateLimit.lockoutMs,
    },
    ...(gateway.http?.securityHeaders?.strictTransportSecurity && {
      hsts: gateway.http.securityHeaders.strictTransportSecurity,
    }),
    allowedOrigins: gateway.controlUi?.allowedOrigins ?? [],
    trustedProxies: gateway.trustedProxies ?? [],
    localBypass: gateway.auth?.localBypass ?? false,
    allowTailscale: gateway.auth?.allowTailscale ?? false,
    allowInsecureControlUi: gateway.controlUi?.allowInsecureAuth ?? false,
    controlUiEnabled: gateway.controlUi?.enabled ?? true,
    controlUiBasePath: basePathOf(gateway.controlUi?.basePath),
    mainKey: session.mainKey ?? defaultSettings.mainKey,
    sessionScope: session.scope ?? defaultSettings.sessionScope,
    sessionVisibility: loaded.config.tools?.sessions?.visibility ?? defaultSettings.sessionVisibility,
    subagents: { ...defaultSettings.subagents, ...definedLimits(loaded.config.agents?.defaults?.subagents) },
    tickIntervalMs: gateway.tickIntervalMs ?? defaultSettings.tickIntervalMs,
    exec: {
      shared: loaded.config.tools?.exec ?? {},
      ofAgents: Object.fromEntries(
        (loaded.config.agents?.list ?? []).flatMap(({ id, tools }) => (tools?.exec ? [[id, tools.exec]] : [])),
      ),
    },
    handshakeTimeoutMs: gateway.handshakeTimeoutMs ?? defaultSettings.handshakeTimeoutMs,
  };
}

/** `openclaw`, `/openclaw` and `/openclaw/` are the same place; the root is empty. */
function basePathOf(path = ""): string {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((part) => `/${part}`).join("");
}

function definedLimits(limits: Partial<Record<keyof SubagentSettings, number | undefined>> = {}) {
  const { maxConcurrent, maxSpawnDepth, maxChildrenPerAgent, runTimeoutSeconds } = limits;
  return {
    ...(maxConcurrent !== undefined && { maxConcurrent }),
    ...(maxSpawnDepth !== undefined && { maxSpawnDepth }),
    ...(maxChildrenPerAgent !== undefined && { maxChildrenPerAgent }),
    ...(runTimeoutSeconds !== undefined && { runTimeoutSeconds }),
  };
}

/** `gateway.bind` in words: this machine, the network, the tailnet, or an address. */
function hostOf(loaded: LoadedConfig): string {
  const { bind = "loopback", customBindHost } = loaded.config.gateway ?? {};
  const refuse = (path: string, message: string): ConfigError => new ConfigError(loaded.path, [{ path, message }]);
  switch (bind) {
    case "loopback":
      return "127.0.0.1";
    case "lan":
    case "all":
      return "0.0.0.0";
    case "auto":
      return tailnetAddress() ?? "127.0.0.1";
    case "tailnet": {
      const address = tailnetAddress();
      if (address) return address;
      throw refuse(
        "gateway.bind",
        'is "tailnet", but this machine has no tailnet address; start the tailnet or use "loopback"',
      );
    }
    case "custom":
      if (customBindHost) return customBindHost;
      throw refuse("gateway.customBindHost", 'is missing although gateway.bind is "custom"');
    default:
      return bind.replace(/^\[(.*)\]$/, "$1");
  }
}

function tailnetAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.find((face) => face !== undefined && isTailnetAddress(face.address))?.address;
}
