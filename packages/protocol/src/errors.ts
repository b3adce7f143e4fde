/** The closed set of error codes. They are wire contract: never rename one. */
export const errorCodes = [
  "INVALID_REQUEST",
  "UNAVAILABLE",
  "NOT_PAIRED",
  "FORBIDDEN",
  "APPROVAL_NOT_FOUND",
  "NOT_LINKED",
  "AGENT_TIMEOUT",
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** The `error` member of a response frame. `retryAfterMs` is in milliseconds. */
export type WireError = {
  code: ErrorCode;
  message: string;
  details?: Record<string, unknown>;
  retryable?: boolean;
  retryAfterMs?: number;
};

type GatewayErrorOptions = Omit<WireError, "code" | "message"> & {
  cause?: unknown;
  /** Sent beside `error` where the recorded method does so (`agent`). */
  payload?: unknown;
};

/** Travels: becomes the `error` of a response frame, and is thrown again by the client. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly wire: Omit<WireError, "code" | "message">;
  readonly payload: unknown;
  constructor(code: ErrorCode, message: string, { cause, payload, ...wire }: GatewayErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.wire = wire;
    this.payload = payload;
  }
  toWire(): WireError {
    return { code: this.code, message: this.message, ...this.wire };
  }
}

/** A caller lacks a scope. Dialect 3 knows it as INVALID_REQUEST with the same text. */
export function missingScope(scope: string): GatewayError {
  return new GatewayError("FORBIDDEN", `missing scope: ${scope}`, {
    details: { code: "MISSING_SCOPE", missingScope: scope, requiredScopes: [scope] },
  });
}

/** Close codes of the WebSocket and what they mean here (`wire/v3` §3, `wire/v4` §3). */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocolMismatch: 1002,
  policy: 1008,
  tooBig: 1009,
  restart: 1012,
  tryAgainLater: 1013,
} as const;
