/** Why something never reached the gateway, or its answer never came back. */
export type ConnectionErrorReason = "timeout" | "closed" | "aborted" | "unsupported-method" | "too-large" | "untrusted";

/** What went wrong between here and the gateway. What the gateway itself refused is a `GatewayError`. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly reason: ConnectionErrorReason;
  /** Code of the WebSocket close frame, where a close is the cause. */
  readonly closeCode: number | undefined;
  constructor(
    reason: ConnectionErrorReason,
    message: string,
    { closeCode, cause }: { closeCode?: number; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.closeCode = closeCode;
  }
}
