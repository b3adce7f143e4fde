import { execAsks, execSecurities, scopes } from "@openclaw-gateway/protocol";
import { z } from "zod";
import { Secret } from "../platform/secret.ts";
import { SecretsConfig } from "../secrets/providers.ts";
import { reloadModes } from "./reload/reload-modes.ts";

/** A secret, written out or by reference. An empty one is none: it must never be what clients have to show. */
export const secret = z.string().transform((value) => (value.trim() === "" ? undefined : new Secret(value)));
const positiveMs = z.int().min(1);
/** What clients must show. */
export const authModes = z.enum(["token", "password", "none", "trusted-proxy"]);

const ModelSelection = z.union(
  [
    z.string().min(1),
    z.object({ primary: z.string().min(1).optional(), fallbacks: z.array(z.string().min(1)).optional() }),
  ],
  { error: 'expected "provider/model", or { primary: "provider/model", fallbacks: ["provider/model"] }' },
);

/** Which sessions the tools of a turn reach: its own, those it started, those of its agent, or every one. */
const sessionVisibility = z.enum(["self", "tree", "agent", "all"]);
export type SessionVisibility = z.output<typeof sessionVisibility>;
/** How agents run commands. Each place that says something can only make it stricter. */
const Exec = z.object({
  host: z.string().optional(),
  security: z.enum(execSecurities).optional(),
  ask: z.enum(execAsks).optional(),
  /** How long a command may take. */
  timeoutSec: z.int().min(1).optional(),
});

const Tools = z.object({
  profile: z.string().optional(),
  allow: z.array(z.string()).optional(),
  deny: z.array(z.string()).optional(),
  exec: Exec.optional(),
});

const ModelCost = z.object({
  input: z.number().min(0).optional(),
  output: z.number().min(0).optional(),
  cacheRead: z.number().min(0).optional(),
  cacheWrite: z.number().min(0).optional(),
});

const ModelEntry = z.object({
  id: z.string().min(1),
  name: z.string().optional(),
  contextWindow: z.int().min(1).optional(),
  maxTokens: z.int().min(1).optional(),
  reasoning: z.boolean().optional(),
  input: z.array(z.string()).optional(),
  cost: ModelCost.optional(),
});

const Provider = z.object({
  baseUrl: z.string().min(1).optional(),
  apiKey: secret.optional(),
  api: z.string().min(1).optional(),
  headers: z.record(z.string(), secret).optional(),
  models: z.array(ModelEntry).optional(),
});

/** What an agent's sub-agents have when a call names nothing else. */
const AgentSubagents = z.object({
  /** Other agents that may be given work; "*" is every one. */
  allowAgents: z.array(z.string()).optional(),
  model: ModelSelection.optional(),
  thinking: z.string().optional(),
});

const Subagents = AgentSubagents.extend({
  /** Sub-agents that run at the same time. */
  maxConcurrent: z.int().min(1).optional(),
  /** 1: sub-agents have none of their own. */
  maxSpawnDepth: z.int().min(1).max(5).optional(),
  /** Sub-agents of one session that have not ended. */
  maxChildrenPerAgent: z.int().min(1).max(100).optional(),
  /** 0 sets no limit. */
  runTimeoutSeconds: z.int().min(0).optional(),
});

/** When a session begins anew by itself. Hours are local. */
const ResetRule = z.object({
  mode: z.enum(["daily", "idle"]).optional(),
  atHour: z.int().min(0).max(23).optional(),
  idleMinutes: z.int().min(1).optional(),
});

const Compaction = z.object({
  mode: z.enum(["default", "safeguard"]).optional(),
  reserveTokens: z.int().min(0).optional(),
  reserveTokensFloor: z.int().min(0).optional(),
  keepRecentTokens: z.int().min(1).optional(),
  maxHistoryShare: z.number().min(0.1).max(0.9).optional(),
  model: z.string().min(1).optional(),
  customInstructions: z.string().optional(),
});

/** What makes texts into vectors: `model` of `provider`, or `provider/id` in one. */
const MemorySearch = z.object({ provider: z.string().min(1).optional(), model: z.string().min(1).optional() });

const Agent = z.object({
  id: z.string().min(1),
  default: z.boolean().optional(),
  name: z.string().optional(),
  workspace: z.string().optional(),
  model: ModelSelection.optional(),
  identity: z
    .object({
      name: z.string().optional(),
      emoji: z.string().optional(),
      theme: z.string().optional(),
      avatar: z.string().optional(),
    })
    .optional(),
  tools: Tools.optional(),
  subagents: AgentSubagents.optional(),
  memorySearch: MemorySearch.optional(),
  /** `daemon`: another program runs the agent and connects for it. Other types belong to other gateways. */
  runtime: z.looseObject({ type: z.string().min(1), devices: z.array(z.string().min(1)).optional() }).optional(),
});

/** How images that a request names by address are fetched. */
const ImageLimits = z.object({
  /** Addresses are refused unless this is true; images inside the request are always taken. */
  allowUrl: z.boolean().optional(),
  /** Hosts that may be asked; `*.example.com` is every host below it. Every public one when absent. */
  urlAllowlist: z.array(z.string().min(1)).optional(),
  allowedMimes: z.array(z.string().min(1)).optional(),
  maxBytes: z.int().min(1).optional(),
  maxRedirects: z.int().min(0).optional(),
  timeoutMs: positiveMs.optional(),
});

/** What every endpoint that runs turns has. */
const turnEndpoint = {
  enabled: z.boolean().optional(),
  maxBodyBytes: z.int().min(1).optional(),
  /** What becomes of a turn whose client goes away before it ends. */
  onDisconnect: z.enum(["abort", "continue"]).optional(),
  images: ImageLimits.optional(),
};
const ChatCompletionsEndpoint = z.object({
  ...turnEndpoint,
  maxImageParts: z.int().min(0).optional(),
  maxTotalImageBytes: z.int().min(1).optional(),
});
const ResponsesEndpoint = z.object({
  ...turnEndpoint,
  /** Images and files that one request may name by address. */
  maxUrlParts: z.int().min(0).optional(),
  files: ImageLimits.extend({
    /** Characters that the model is shown of one file. */
    maxChars: z.int().min(1).optional(),
    /** Pages of a PDF that are read. */
    pdf: z.object({ maxPages: z.int().min(1).optional() }).optional(),
  }).optional(),
});

/**
 * The keys of `openclaw.json` that this version reads. Everything else in the file is kept and reported, because a file
 * written for the official gateway or a newer version must start this one.
 */
export const GatewayConfig = z.object({
  $schema: z.string().optional(),
  /** Notes of whoever wrote the file last. */
  meta: z.record(z.string(), z.unknown()).optional(),
  gateway: z
    .object({
      mode: z.string().optional(),
      port: z.int().min(0).max(65_535).optional(),
      bind: z.string().min(1).optional(),
      customBindHost: z.string().min(1).optional(),
      auth: z
        .object({
          mode: authModes.optional(),
          token: secret.optional(),
          password: secret.optional(),
          localBypass: z.boolean().optional(),
          allowTailscale: z.boolean().optional(),
          trustedProxy: z
            .object({
              userHeader: z.string().min(1),
              requiredHeaders: z.array(z.string().min(1)).optional(),
              allowUsers: z.array(z.string().min(1)).optional(),
              secret: secret.optional(),
              secretHeader: z.string().min(1).optional(),
              scopes: z.array(z.enum(scopes)).optional(),
            })
            .optional(),
          rateLimit: z
            .object({
              maxAttempts: z.int().min(1).optional(),
              windowMs: positiveMs.optional(),
              lockoutMs: positiveMs.optional(),
            })
            .optional(),
        })
        .optional(),
      controlUi: z
        .object({
          enabled: z.boolean().optional(),
          basePath: z
            .string()
            .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._~/-]*$/, 'must be a path such as "/openclaw"')
            .optional(),
          allowedOrigins: z.array(z.string()).optional(),
          allowInsecureAuth: z.boolean().optional(),
        })
        .optional(),
      remote: z
        .object({
          url: z.string().optional(),
          token: secret.optional(),
          password: secret.optional(),
          tlsFingerprint: z.string().optional(),
        })
        .optional(),
      tls: z
        .object({
          enabled: z.boolean().optional(),
          autoGenerate: z.boolean().optional(),
          certPath: z.string().min(1).optional(),
          keyPath: z.string().min(1).optional(),
          caPath: z.string().min(1).optional(),
        })
        .optional(),
      /** What `POST /tools/invoke` may call beyond its own rules, and what not. */
      tools: z.object({ allow: z.array(z.string()).optional(), deny: z.array(z.string()).optional() }).optional(),
      http: z
        .object({
          securityHeaders: z
            .object({
              strictTransportSecurity: z
                .union([
                  z.literal(false),
                  z
                    .string()
                    .regex(/^max-age=\d+(; *[A-Za-z]+)*$/, 'must look like "max-age=31536000; includeSubDomains"'),
                ])
                .optional(),
            })
            .optional(),
          endpoints: z
            .object({
              chatCompletions: ChatCompletionsEndpoint.optional(),
              responses: ResponsesEndpoint.optional(),
            })
            .optional(),
        })
        .optional(),
      /** Addresses of reverse proxies whose forwarding headers count. */
      trustedProxies: z.array(z.string().min(1)).optional(),
      /** What a change of this file does to a running gateway. */
      reload: z
        .object({
          mode: z.enum(reloadModes).optional(),
          /** How long the file must have been left alone before it is read. */
          debounceMs: z.int().min(0).max(60_000).optional(),
          /** The same; older. */
          debounce: z.int().min(0).max(60_000).optional(),
        })
        .optional(),
      /** `GET /metrics`, for Prometheus. Whoever may call `status` reads it. */
      metrics: z
        .object({
          enabled: z.boolean().optional(),
          /** Programs of this machine read it without a credential. */
          allowLoopback: z.boolean().optional(),
        })
        .optional(),
      tickIntervalMs: positiveMs.optional(),
      handshakeTimeoutMs: positiveMs.optional(),
    })
    .optional(),
  session: z
    .object({
      mainKey: z.string().min(1).optional(),
      scope: z.string().min(1).optional(),
      idleMinutes: z.int().min(1).optional(),
      reset: ResetRule.optional(),
      resetByType: z
        .object({
          direct: ResetRule.optional(),
          dm: ResetRule.optional(),
          group: ResetRule.optional(),
          thread: ResetRule.optional(),
        })
        .optional(),
      resetByChannel: z.record(z.string(), ResetRule).optional(),
    })
    .optional(),
  models: z.object({ mode: z.string().optional(), providers: z.record(z.string(), Provider).optional() }).optional(),
  agents: z
    .object({
      defaults: z
        .object({
          model: ModelSelection.optional(),
          models: z.record(z.string(), z.object({ alias: z.string().optional() })).optional(),
          workspace: z.string().optional(),
          thinkingDefault: z.string().optional(),
          /** 0 lets a turn take any time. */
          timeoutSeconds: z.int().min(0).optional(),
          subagents: Subagents.optional(),
          memorySearch: MemorySearch.optional(),
          /** The most of a model's context that is used. */
          contextTokens: z.int().min(1).optional(),
          compaction: Compaction.optional(),
        })
        .optional(),
      list: z.array(Agent).optional(),
    })
    .optional(),
  tools: Tools.extend({ sessions: z.object({ visibility: sessionVisibility.optional() }).optional() }).optional(),
  /** Where references to secrets lead. */
  secrets: SecretsConfig.optional(),
  logging: z
    .object({
      level: z.enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"]).optional(),
      file: z.string().min(1).optional(),
    })
    .optional(),
});
export type GatewayConfig = z.output<typeof GatewayConfig>;
