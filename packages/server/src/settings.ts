import { limits } from "@openclaw-gateway/protocol";
import type { SharedAuth } from "./auth/shared-secret.ts";
import type { SessionVisibility } from "./config/schema.ts";
import type { ExecRule } from "./exec/policy.ts";
import { defaultRateLimit, type RateLimitSettings } from "./auth/rate-limiter.ts";

/** What one place of the configuration says about commands. */
type ExecSetting = { host?: string | undefined } & ExecRule;
export type ExecSettings = { shared: ExecSetting; ofAgents: Readonly<Record<string, ExecSetting>> };
/** The certificate of the port. `generate`: where there is none, the gateway makes one and renews it. */
export type TlsSettings = { certPath: string; keyPath: string; caPath?: string | undefined; generate: boolean };

/** Everything the gateway itself needs to know, after files, environment and flags have been put together. */
export type GatewaySettings = {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  auth: SharedAuth;
  /** The value of `Strict-Transport-Security`; browsers are told nothing when it is absent. */
  hsts?: string | undefined;
  rateLimit: RateLimitSettings;
  allowedOrigins: readonly string[];
  /** Addresses of reverse proxies whose forwarding headers count. */
  trustedProxies: readonly string[];
  /** This machine needs no secret. */
  localBypass: boolean;
  /** Users of the tailnet need no secret; their devices are approved like any other. */
  allowTailscale: boolean;
  allowInsecureControlUi: boolean;
  controlUiEnabled: boolean;
  /** Where the dashboard is: empty for the root, or a path without a slash at its end. */
  controlUiBasePath: string;
  mainKey: string;
  sessionScope: string;
  tickIntervalMs: number;
  handshakeTimeoutMs: number;
  maxBufferedBytes: number;
  /** Turns that run at the same time, and that wait, over all sessions. */
  maxRunningTurns: number;
  maxQueuedTurns: number;
  subagents: SubagentSettings;
  /** Which sessions the tools of a turn reach (`tools.sessions.visibility`). */
  sessionVisibility: SessionVisibility;
  /** What the configuration says about commands: for every agent, and for some. */
  exec: ExecSettings;
  /** How long a stop waits for running turns. */
  drainBudgetMs: number;
};

/** Limits of sub-agents (`agents.defaults.subagents`). */
export type SubagentSettings = {
  /** Sub-agents that run at the same time, over all sessions; more wait. */
  maxConcurrent: number;
  /** 1: sub-agents have no sub-agents of their own. */
  maxSpawnDepth: number;
  /** Sub-agents of one session that have not ended. */
  maxChildrenPerAgent: number;
  /** Limit of a run that names none; 0 sets no limit. */
  runTimeoutSeconds: number;
};

export const defaultSettings: Omit<GatewaySettings, "auth"> = {
  host: "127.0.0.1",
  port: limits.defaultPort,
  rateLimit: defaultRateLimit,
  allowedOrigins: [],
  trustedProxies: [],
  localBypass: false,
  allowTailscale: false,
  allowInsecureControlUi: false,
  controlUiEnabled: true,
  controlUiBasePath: "",
  mainKey: "main",
  sessionScope: "per-sender",
  tickIntervalMs: limits.tickIntervalMs,
  handshakeTimeoutMs: limits.handshakeTimeoutMs,
  maxBufferedBytes: limits.bufferedBytes,
  maxRunningTurns: 64,
  maxQueuedTurns: 2_000,
  sessionVisibility: "tree",
  subagents: { maxConcurrent: 8, maxSpawnDepth: 1, maxChildrenPerAgent: 5, runTimeoutSeconds: 0 },
  exec: { shared: {}, ofAgents: {} },
  drainBudgetMs: 8_000,
};
