export { createLocalEventEngine, type Audience, type EventEngine, type PublishedEvent } from "./events/engine.ts";
export type { Channel, ChannelSink, ChannelState, InboundMessage, OutboundMessage } from "./channels/channel.ts";
export { type Cancel, type Clock, systemClock } from "./platform/clock.ts";
export type {
  AgentDescription,
  AgentRuntime,
  ModelRef,
  ToolResultContent,
  Turn,
  TurnErrorKind,
  TurnEvent,
} from "./runtime/agent-runtime.ts";
export type { Database, Migration, Statement, WriteResult } from "./store/database.ts";
export type { Peer, Transport, TransportListener } from "./transport/transport.ts";
