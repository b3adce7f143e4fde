export type { AgentEvent } from "./capabilities/agent.ts";
export {
  type AgentFile,
  type AgentFileContent,
  type AgentFileName,
  agentFileNames,
  type AgentSummary,
} from "./capabilities/agents.ts";
export {
  type AuditAction,
  auditActions,
  type AuditEvent,
  type AuditKind,
  auditKindOf,
  auditKinds,
} from "./capabilities/audit.ts";
export {
  AllowlistEntry,
  type ApprovalDecision,
  approvalDecisions,
  type ApprovalSubject,
  execAsks,
  ExecApprovalsFile,
  execSecurities,
  type PendingApproval,
} from "./capabilities/approvals.ts";
export {
  type CallerCall,
  type CallerContent,
  type CallerContext,
  type CallerEntrance,
  callerEntrances,
  type CallerInput,
  callerLimits,
  type CallerStep,
  type CallerTool,
  type CallerToolChoice,
  type JsonFormat,
  type MediaSource,
  type Sampling,
} from "./capabilities/caller-turns.ts";
export type { ChatAttachment, ChatEvent, ChatHistory } from "./capabilities/chat.ts";
export type { DeviceRequest, DeviceTokenInfo, PairedDevice } from "./capabilities/devices.ts";
export type { NodeRequest, PairedNode } from "./capabilities/node-pairing.ts";
export { type ConfigIssue, redactedMark } from "./capabilities/config.ts";
export type { ConfigurationState } from "./capabilities/system.ts";
export {
  type AssistantMessage,
  type CompactionMessage,
  type OutputReference,
  type StopReason,
  stopReasons,
  type ToolResultMessage,
  TranscriptMessage,
  type Usage,
  type UserMessage,
  visibleText,
  zeroUsage,
} from "./capabilities/messages.ts";
export { TurnReport, type TurnReportInput } from "./capabilities/daemons.ts";
export type { ModelChoice } from "./capabilities/models.ts";
export { protocolOneMethods } from "./capabilities/protocol-one.ts";
export type { SessionEntry, SessionRow } from "./capabilities/sessions.ts";
export type { RunSnapshot, StreamPosition, StreamSnapshot } from "./capabilities/streams.ts";
export type { HealthSnapshot } from "./capabilities/system.ts";
export {
  type Accepted,
  connectMethods,
  type EventName,
  events,
  findEvent,
  findMethod,
  type InsideMethodName,
  type InsideMethods,
  insideMethodGroups,
  insideMethods,
  type MethodGroups,
  methodGroups,
  type MethodName,
  type Methods,
  methods,
  type Params,
  type Payload,
  type Progress,
  type Result,
} from "./catalog.ts";
export {
  clientIds,
  clientModes,
  ConnectParams,
  type ConnectRequest,
  HelloOk,
  type PresenceEntry,
  type StateVersion,
} from "./connect.ts";
export type { EventGroup, EventSpec, MethodGroup, MethodSpec, ProtocolVersion } from "./define.ts";
export { type DeviceAuthClaims, deviceAuthPayload } from "./device-auth.ts";
export { closeCodes, type ErrorCode, errorCodes, GatewayError, missingScope, type WireError } from "./errors.ts";
export { isWithinDepth } from "./depth.ts";
export { catalogueSchema } from "./json-schema.ts";
export { limits } from "./limits.ts";
export { renameAliases, withoutUnknownKeys } from "./params.ts";
export { coversScopes, hasScope, isScope, protectingScopes, type Role, roles, type Scope, scopes } from "./scopes.ts";
export { quoteWord, showArgv, showCommand } from "./show-command.ts";
export {
  canonicalSessionKey,
  derivedSessionKeys,
  mainSessionKey,
  parseSessionKey,
  type SessionKeyDefaults,
  type SessionKind,
  sessionKindOf,
  isSubagentKey,
} from "./session-keys.ts";
export { streamPositionsCap } from "./wire/caps.ts";
export {
  type Dialect,
  dialectOfConnect,
  dialectOfFrame,
  dialects,
  insideDialect,
  negotiate,
  servedProtocols,
  type SignedNames,
} from "./wire/codec.ts";
export type {
  DecodedRequest,
  EventFrame,
  EventPosition,
  Frame,
  FrameForm,
  RequestFrame,
  ResponseFrame,
} from "./wire/frames.ts";
export { describeIssues } from "./wire/grammar.ts";
