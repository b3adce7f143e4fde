export {
  type Address,
  type AgentDaemon,
  type AgentDaemonOptions,
  type Api,
  type Args,
  type Cancel,
  type Challenge,
  type ChatFold,
  type ChatProgress,
  type ClientIdentity,
  type ClientOptions,
  type ClientSocket,
  type Clock,
  ConnectionError,
  type ConnectionErrorReason,
  type ConnState,
  createAgentDaemon,
  createCoreClient,
  createRandomId,
  type DaemonTurn,
  type DeviceChallenge,
  type DeviceTokens,
  type EventFrame,
  type Failure,
  foldChat,
  type Following,
  type FollowOptions,
  type FollowTarget,
  type Gap,
  GatewayError,
  isTerminal,
  type OpenSocket,
  type OptionsOf,
  parseAddress,
  type ReconnectDelays,
  type RequestOptions,
  type SignedDevice,
  type SocketLimits,
  type SocketListener,
  type StopReason,
  type SubscribeMethod,
  type Subscription,
  systemClock,
  type TurnRequest,
  type Unsubscribe,
} from "./core/index.ts";
export { AuthenticationError, type AuthenticationFailure } from "./authentication-error.ts";
export { type DeviceIdentity, openDeviceIdentity } from "./device-identity.ts";
export { clientOptionsFromEnvironment, type ConnectionMode, connectionModes, type Environment } from "./environment.ts";
export {
  type ClientEvents,
  GatewayClient,
  type GatewayClientOptions,
  type SessionsListParams,
  type SessionsSendOptions,
} from "./gateway-client.ts";
export type { GatewayConfig } from "./gateway-config.ts";
export type { LinkEvents } from "./link-events.ts";
export { call, createNodeClient, type NodeClientOptions } from "./node-client.ts";
export { CertificatePinError, createPinnedConnection } from "./pinned-socket.ts";
export { askedDelayMs, classifyFailure, type FailureKind, isTransientFailure } from "./retry/classify.ts";
export { type Retry, type RetryOptions, retryTransient } from "./retry/retry.ts";
export { type SessionEvents, SessionManager, type SessionsSendParams } from "./session-manager.ts";
export type { SessionNode } from "./session-tree.ts";
export type { SessionStatus, TrackedSession } from "./tracked-session.ts";
export { normalizeTlsFingerprint } from "./tls-fingerprint.ts";
export { createWsOpener, openWsSocket } from "./transport-ws.ts";
