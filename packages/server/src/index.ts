export { type Access, readStoredToken } from "./config/access.ts";
export { resolveSecret } from "./config/secret-references.ts";
export { ConfigError, formatIssue, type LoadedConfig, loadConfig, type LocatedIssue } from "./config/load.ts";
export { type Environment, resolveStatePaths, type StatePaths } from "./config/paths.ts";
export type { GatewayConfig } from "./config/schema.ts";
export type { SettingsOverrides } from "./config/settings-from-config.ts";
export type { Channel, ChannelSink, ChannelState, InboundMessage, OutboundMessage } from "./channels/channel.ts";
export {
  createGateway,
  type CreateGatewayOptions,
  type InstalledGateway,
  type RuntimeInput,
} from "./create-gateway.ts";
export { createLocalEventEngine, type Audience, type EventEngine, type PublishedEvent } from "./events/engine.ts";
export { createGatewayAround, type Gateway, type GatewayOptions } from "./gateway.ts";
export {
  createOutboundHttp,
  type OutboundHttp,
  type OutboundOptions,
  type OutboundRequest,
  type OutboundResponse,
} from "./outbound/outbound-http.ts";
export { OutboundError, type OutboundFailure } from "./outbound/outbound-error.ts";
export { type Cancel, type Clock, systemClock } from "./platform/clock.ts";
export { exitCodes } from "./platform/exit-codes.ts";
export { type Log, type LogEcho, type LogFile, type LogLevel, logLevels, openLog } from "./platform/log.ts";
export { Secret } from "./platform/secret.ts";
export type {
  AgentDescription,
  AgentMethod,
  AgentRuntime,
  CallUsage,
  Compaction,
  CompactionReason,
  CompactRequest,
  CompactResult,
  EmbedRequest,
  EmbedResult,
  ModelRef,
  ToolCall,
  ToolCallOutcome,
  ToolResultContent,
  Turn,
  TurnGateway,
  TurnErrorKind,
  TurnEvent,
} from "./runtime/agent-runtime.ts";
export type { ClearedCommand, ExecClearance, ExecPort, ExecRequest, ExecReview } from "./runtime/exec-port.ts";
export { defaultSettings, type GatewaySettings } from "./settings.ts";
export type { Database, Migration, Statement, WriteResult } from "./store/database.ts";
export { AlreadyRunningError, type InstanceLock, type LockHolder } from "./store/instance-lock.ts";
export type { MemoryLink } from "./transport/memory.ts";
export type { Peer, Transport, TransportListener } from "./transport/transport.ts";
export { gatewayVersion } from "./version.ts";
