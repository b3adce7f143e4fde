import type { z } from "zod";
import { agentEvents, agentMethods } from "./capabilities/agent.ts";
import { agentsMethods } from "./capabilities/agents.ts";
import { auditMethods } from "./capabilities/audit.ts";
import { callerTurnsMethods } from "./capabilities/caller-turns.ts";
import { channelsMethods } from "./capabilities/channels.ts";
import { chatEvents, chatMethods } from "./capabilities/chat.ts";
import { compatMethods } from "./capabilities/compat.ts";
import { configEvents, configMethods, secretsMethods } from "./capabilities/config.ts";
import { devicesEvents, devicesMethods } from "./capabilities/devices.ts";
import { logsMethods } from "./capabilities/logs.ts";
import { modelsMethods } from "./capabilities/models.ts";
import { sessionTurnsMethods } from "./capabilities/session-turns.ts";
import { sessionsEvents, sessionsMethods } from "./capabilities/sessions.ts";
import { streamsMethods } from "./capabilities/streams.ts";
import { systemEvents, systemMethods } from "./capabilities/system.ts";
import { toolCallsMethods } from "./capabilities/tool-calls.ts";
import { usageMethods } from "./capabilities/usage.ts";
import { approvalsEvents, approvalsMethods } from "./capabilities/approvals.ts";
import { daemonsEvents, daemonsMethods } from "./capabilities/daemons.ts";
import { embeddingsMethods } from "./capabilities/embeddings.ts";
import { hostMethods } from "./capabilities/host.ts";
import { nodePairingEvents, nodePairingMethods } from "./capabilities/node-pairing.ts";
import { preferencesMethods } from "./capabilities/preferences.ts";
import { sessionViewsMethods } from "./capabilities/session-views.ts";
import { spawnMethods } from "./capabilities/spawn.ts";
import { talkMethods } from "./capabilities/talk.ts";
import { tasksMethods } from "./capabilities/tasks.ts";
import { ConnectParams, HelloOk } from "./connect.ts";
import type { EventSpec, MethodGroup, MethodSpec } from "./define.ts";

/** `connect` is a method on the wire, but the handshake answers it; afterwards it needs admin only to be refused. */
export const connectMethods = {
  connect: {
    description: "The first request of a connection.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    hidden: true,
    params: ConnectParams,
    result: HelloOk,
  },
} satisfies MethodGroup;

/** Every group once; the catalogue test compares their sizes with the merged map, so no name can hide another. */
export const methodGroups = {
  system: systemMethods,
  logs: logsMethods,
  config: configMethods,
  secrets: secretsMethods,
  models: modelsMethods,
  agents: agentsMethods,
  audit: auditMethods,
  sessions: sessionsMethods,
  sessionTurns: sessionTurnsMethods,
  spawn: spawnMethods,
  approvals: approvalsMethods,
  devices: devicesMethods,
  nodePairing: nodePairingMethods,
  host: hostMethods,
  preferences: preferencesMethods,
  sessionViews: sessionViewsMethods,
  streams: streamsMethods,
  talk: talkMethods,
  channels: channelsMethods,
  tasks: tasksMethods,
  daemons: daemonsMethods,
  usage: usageMethods,
  agent: agentMethods,
  chat: chatMethods,
  compat: compatMethods,
} as const;
export type MethodGroups = typeof methodGroups;

export const methods = {
  ...systemMethods,
  ...logsMethods,
  ...configMethods,
  ...secretsMethods,
  ...modelsMethods,
  ...agentsMethods,
  ...auditMethods,
  ...sessionsMethods,
  ...sessionTurnsMethods,
  ...spawnMethods,
  ...approvalsMethods,
  ...devicesMethods,
  ...nodePairingMethods,
  ...hostMethods,
  ...preferencesMethods,
  ...sessionViewsMethods,
  ...streamsMethods,
  ...talkMethods,
  ...channelsMethods,
  ...tasksMethods,
  ...daemonsMethods,
  ...usageMethods,
  ...agentMethods,
  ...chatMethods,
  ...compatMethods,
} as const;
export const events = {
  ...systemEvents,
  ...agentEvents,
  ...daemonsEvents,
  ...chatEvents,
  ...sessionsEvents,
  ...approvalsEvents,
  ...devicesEvents,
  ...nodePairingEvents,
  ...configEvents,
} as const;

/**
 * Methods that no protocol has: other entrances of the gateway call them, through the same door. Authorized, validated and
 * audited like every other.
 */
export const insideMethodGroups = {
  callerTurns: callerTurnsMethods,
  toolCalls: toolCallsMethods,
  embeddings: embeddingsMethods,
} as const;
export const insideMethods = { ...callerTurnsMethods, ...toolCallsMethods, ...embeddingsMethods } as const;

export type Methods = typeof methods;
export type MethodName = keyof Methods;
export type InsideMethods = typeof insideMethods;
export type InsideMethodName = keyof InsideMethods;
type AllMethods = Methods & InsideMethods;
export type EventName = keyof typeof events;
/** What a caller may write: fields with defaults are optional. */
export type Params<M extends MethodName | InsideMethodName> = z.input<AllMethods[M]["params"]>;
/** What a caller receives. */
export type Result<M extends MethodName | InsideMethodName> = z.output<AllMethods[M]["result"]>;
/** What a two-phase method answers first. */
export type Accepted<M extends MethodName | InsideMethodName> = AllMethods[M] extends {
  accepted: infer A extends z.ZodType;
}
  ? z.output<A>
  : never;
/** What a method tells while it works. */
export type Progress<M extends MethodName | InsideMethodName> = AllMethods[M] extends {
  progress: infer P extends z.ZodType;
}
  ? z.output<P>
  : never;
export type Payload<E extends EventName> = z.output<(typeof events)[E]["payload"]>;

/** The spec of a method by any name a client may send; names of `Object.prototype` are unknown like any other. */
export function findMethod(name: string): MethodSpec | undefined {
  return Object.hasOwn(methods, name) ? methods[name as MethodName] : undefined;
}
export function findEvent(name: string): EventSpec | undefined {
  return Object.hasOwn(events, name) ? events[name as EventName] : undefined;
}
