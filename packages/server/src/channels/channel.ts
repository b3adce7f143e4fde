/** A message that came in from outside. Ids are the platform's immutable ones, never display names. */
export type InboundMessage = {
  channel: string;
  accountId: string;
  senderId: string;
  peerId: string;
  threadId?: string;
  isGroup: boolean;
  text: string;
  /** The platform's own id: a message is taken once. */
  messageId: string;
  timestampMs: number;
};

export type OutboundMessage = {
  accountId: string;
  to: string;
  threadId?: string;
  text: string;
  replyToId?: string;
  /** Given to the platform where it supports one. */
  idempotencyKey: string;
};

export type ChannelState = "stopped" | "starting" | "ready" | "failed";

/** One messaging platform. Each account is supervised on its own; a failure never reaches the gateway. */
export interface Channel {
  readonly id: string;
  readonly label: string;
  start(accountId: string, sink: ChannelSink, signal: AbortSignal): Promise<void>;
  stop(accountId: string): Promise<void>;
  /** Resolves with the platform's message id once the platform has accepted it. */
  send(message: OutboundMessage, signal: AbortSignal): Promise<{ messageId: string }>;
}

export interface ChannelSink {
  /** Resolves after the message is durable; only then may the platform be told. */
  receive(message: InboundMessage): Promise<void>;
  state(accountId: string, state: ChannelState, reason?: string): void;
}
