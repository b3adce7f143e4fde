import type { GatewayTarget } from "./options.ts";

/** One end of a proxied link. */
export interface ProxySocket {
  /** Sends one message as it is; `sent` is called when it left this process. */
  send(data: Buffer, isBinary: boolean, sent: () => void): void;
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;
  /** Reads no further until `resume`. What was read already may still come. */
  pause(): void;
  resume(): void;
  ping(): void;
  /** `1005` sends no code. */
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface ProxySocketListener {
  onMessage(data: Buffer, isBinary: boolean): void;
  onPong(): void;
  /** Called once. */
  onClose(code: number, reason: string): void;
}

/** Also called once it can be sent to; before that nothing but the close is heard. */
export interface GatewaySocketListener extends ProxySocketListener {
  onOpen(): void;
  /** Why the close that follows. */
  onError(error: Error): void;
}

export type OpenGateway = (
  target: GatewayTarget,
  limits: { openTimeoutMs: number; maxFrameBytes: number },
  listener: GatewaySocketListener,
) => ProxySocket;
