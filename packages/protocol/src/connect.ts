import { z } from "zod";

const text = z.string().min(1);

/** Ids of published clients. The list is closed on the wire: anything else is refused with the recorded text. */
export const clientIds = [
  "webchat-ui",
  "openclaw-control-ui",
  "openclaw-browser-copilot",
  "openclaw-tui",
  "webchat",
  "cli",
  "gateway-client",
  "openclaw-macos",
  "openclaw-linux",
  "openclaw-ios",
  "openclaw-watchos",
  "openclaw-android",
  "node-host",
  "openclaw-worker",
  "test",
  "fingerprint",
  "openclaw-probe",
] as const;
export const clientModes = ["webchat", "cli", "ui", "backend", "node", "worker", "probe", "test"] as const;

/**
 * `params` of `connect`. Unknown fields are dropped at every level, because today's clients send optional fields of
 * newer releases. A role other than operator or node is refused later, with its own text.
 */
export const ConnectParams = z.object({
  minProtocol: z.int().min(1),
  maxProtocol: z.int().min(1),
  client: z.object({
    id: z.enum(clientIds),
    displayName: text.optional(),
    version: text,
    buildId: text.optional(),
    platform: text,
    deviceFamily: text.optional(),
    modelIdentifier: text.optional(),
    mode: z.enum(clientModes),
    instanceId: text.optional(),
    timeZone: text.optional(),
  }),
  caps: z.array(text).optional(),
  commands: z.array(text).optional(),
  permissions: z.record(text, z.boolean()).optional(),
  pathEnv: z.string().optional(),
  role: text.optional(),
  scopes: z.array(text).optional(),
  device: z
    .object({ id: text, publicKey: text, signature: text, signedAt: z.int().min(0), nonce: text.optional() })
    .optional(),
  auth: z
    .object({
      token: z.string().optional(),
      password: z.string().optional(),
      deviceToken: z.string().optional(),
      bootstrapToken: z.string().optional(),
    })
    .optional(),
  locale: z.string().optional(),
  userAgent: z.string().optional(),
});
export type ConnectParams = z.output<typeof ConnectParams>;
/** What a client writes. */
export type ConnectRequest = z.input<typeof ConnectParams>;

export const PresenceEntry = z.object({
  host: z.string().optional(),
  ip: z.string().optional(),
  version: z.string().optional(),
  platform: z.string().optional(),
  deviceFamily: z.string().optional(),
  modelIdentifier: z.string().optional(),
  mode: z.string().optional(),
  lastInputSeconds: z.int().optional(),
  reason: z.string().optional(),
  tags: z.array(z.string()).optional(),
  text: z.string(),
  ts: z.int(),
  deviceId: z.string().optional(),
  roles: z.array(z.string()).optional(),
  scopes: z.array(z.string()).optional(),
  instanceId: z.string().optional(),
});
export type PresenceEntry = z.output<typeof PresenceEntry>;

export const StateVersion = z.object({ presence: z.int(), health: z.int() });
export type StateVersion = z.output<typeof StateVersion>;

export const Snapshot = z.object({
  presence: z.array(PresenceEntry),
  health: z.looseObject({}),
  stateVersion: StateVersion,
  /** Milliseconds since the process started. */
  uptimeMs: z.int(),
  configPath: z.string().optional(),
  stateDir: z.string().optional(),
  authMode: z.string().optional(),
  sessionDefaults: z
    .object({
      defaultAgentId: z.string(),
      mainKey: z.string(),
      mainSessionKey: z.string(),
      scope: z.string().optional(),
    })
    .optional(),
});

/** The successful answer to `connect`. Limits are bytes and milliseconds. */
export const HelloOk = z.object({
  type: z.literal("hello-ok"),
  protocol: z.int(),
  server: z.object({
    version: z.string(),
    host: z.string().optional(),
    connId: z.string(),
    /** SHA-256 of the certificate of the port, lower-case hex; absent without TLS. */
    tlsFingerprint: z.string().optional(),
  }),
  features: z.object({
    methods: z.array(z.string()),
    events: z.array(z.string()),
    capabilities: z.array(z.string()).optional(),
  }),
  snapshot: Snapshot,
  auth: z
    .object({
      role: z.string(),
      scopes: z.array(z.string()),
      /** What let the client in. */
      method: z.string().optional(),
      /** For a paired device: what it may show next time in the place of the shared secret. */
      deviceToken: z.string().optional(),
      issuedAtMs: z.int().optional(),
    })
    .optional(),
  policy: z.object({
    maxPayload: z.int(),
    maxBufferedBytes: z.int(),
    tickIntervalMs: z.int(),
    attachments: z.object({ maxBytes: z.int(), maxImageBytes: z.int() }).optional(),
  }),
});
export type HelloOk = z.output<typeof HelloOk>;
