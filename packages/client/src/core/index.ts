export { type Address, parseAddress } from "./address.ts";
export type { Api, Args, OptionsOf } from "./api.ts";
export { createCoreClient } from "./client.ts";
export { type Cancel, type Clock, systemClock } from "./clock.ts";
export type { Challenge, ConnState } from "./connection.ts";
export { ConnectionError, type ConnectionErrorReason } from "./connection-error.ts";
export type { Failure, StopReason } from "./endings.ts";
export { type ChatFold, type ChatProgress, foldChat, isTerminal } from "./fold-chat.ts";
export type { FollowOptions, Following, FollowTarget } from "./followings.ts";
export {
  type AgentDaemon,
  type AgentDaemonOptions,
  createAgentDaemon,
  type DaemonTurn,
  type TurnRequest,
} from "./agent-daemon.ts";
export type { Gap, GatewayClient, Unsubscribe } from "./gateway-client.ts";
export type {
  ClientIdentity,
  ClientOptions,
  DeviceChallenge,
  DeviceTokens,
  ReconnectDelays,
  RequestOptions,
  SignedDevice,
} from "./options.ts";
export { createRandomId } from "./random-id.ts";
export type { ClientSocket, OpenSocket, SocketLimits, SocketListener } from "./socket.ts";
export type { SubscribeMethod, Subscription } from "./subscriptions.ts";
export { type EventFrame, GatewayError } from "@openclaw-gateway/protocol/wire";
