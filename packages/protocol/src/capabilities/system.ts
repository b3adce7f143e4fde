import { z } from "zod";
import { PresenceEntry } from "../connect.ts";
import type { EventGroup, MethodGroup } from "../define.ts";

/** How a running gateway follows its configuration file. */
export const configurationState = {
  configReload: z.object({ hotReloadStatus: z.enum(["active", "disabled"]) }).optional(),
  configuration: z
    .looseObject({
      /** `gateway.reload.mode`. */
      mode: z.string(),
      appliedAtMs: z.int(),
      /** Why the file as it is now does not count: each with file and line. */
      problems: z.array(z.string()),
      /** Keys that count after a restart. */
      restartRequired: z.array(z.string()),
      /** Fields whose secret could not be read again. */
      staleSecrets: z.array(z.string()),
    })
    .optional(),
};
export type ConfigurationState = z.output<z.ZodObject<typeof configurationState>>;

/** State of the gateway and its parts. `parts` names each supervised part and what it is doing. */
export const HealthSnapshot = z.looseObject({
  ok: z.boolean(),
  ts: z.int(),
  durationMs: z.int(),
  channels: z.record(z.string(), z.unknown()),
  channelOrder: z.array(z.string()),
  channelLabels: z.record(z.string(), z.string()),
  heartbeatSeconds: z.int(),
  defaultAgentId: z.string(),
  agents: z.array(z.looseObject({ agentId: z.string(), isDefault: z.boolean() })),
  sessions: z.looseObject({ count: z.int() }),
  ...configurationState,
});
export type HealthSnapshot = z.output<typeof HealthSnapshot>;

export const systemMethods = {
  health: {
    description: "The last health snapshot; a new one follows as an event.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    params: z.looseObject({}),
    result: HealthSnapshot,
  },
  status: {
    description: "Agents, heartbeat and recent sessions in one answer.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    params: z.looseObject({}),
    result: z.looseObject({
      heartbeat: z.looseObject({ defaultAgentId: z.string() }),
      channelSummary: z.array(z.unknown()),
      queuedSystemEvents: z.array(z.string()),
      sessions: z.looseObject({ count: z.int() }),
      ...configurationState,
    }),
  },
  "system-presence": {
    description: "Who is connected, newest first, the gateway itself at the top.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    params: z.looseObject({}),
    result: z.array(PresenceEntry),
  },
  "last-heartbeat": {
    description: "The last heartbeat event, or null.",
    since: 3,
    role: "operator",
    scope: "operator.read",
    params: z.looseObject({}),
    result: z.looseObject({ ts: z.int(), status: z.string() }).nullable(),
  },
} satisfies MethodGroup;

export const systemEvents = {
  "connect.challenge": {
    description: "First frame of a connection: the nonce a device signs.",
    since: 1,
    roles: ["operator", "node", "agent"],
    unnumbered: true,
    payload: z.object({ nonce: z.string(), ts: z.int() }),
  },
  tick: {
    description: "Proof of life, every `policy.tickIntervalMs`.",
    since: 1,
    roles: ["operator", "node", "agent"],
    droppable: true,
    payload: z.object({ ts: z.int() }),
  },
  health: {
    description: "A new health snapshot.",
    since: 3,
    scope: "operator.read",
    droppable: true,
    payload: HealthSnapshot,
  },
  presence: {
    description: "The presence list changed.",
    since: 1,
    scope: "operator.read",
    droppable: true,
    payload: z.object({ presence: z.array(PresenceEntry) }),
  },
  shutdown: {
    description: "The gateway stops; null when it will not come back by itself.",
    since: 1,
    roles: ["operator", "node", "agent"],
    payload: z.object({ reason: z.string(), restartExpectedMs: z.int().nullable() }),
  },
} satisfies EventGroup;
