import { GatewayError } from "@openclaw-gateway/protocol";
import type { Log } from "../../platform/log.ts";

/** The words in which OpenAI's clients know what kind of failure it is. */
export type ApiErrorType =
  | "invalid_request_error"
  | "unauthorized"
  | "permission_error"
  | "rate_limit_error"
  | "server_error"
  | "unavailable";

type ApiErrorOptions = {
  type?: ApiErrorType;
  /** One stable word for programs. */
  code?: string | undefined;
  /** The member of the request that is wrong. */
  param?: string | undefined;
  /** What to do about it. */
  hint?: string | undefined;
  retryAfterMs?: number | undefined;
  /**
   * Whether clients may send the same request again by themselves. Work that has begun may have changed something, so
   * the official libraries are told not to.
   */
  mayRetry?: boolean;
  cause?: unknown;
};

/** Travels: becomes the answer of a request, or the last event of a stream. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly options: Omit<ApiErrorOptions, "cause">;
  constructor(status: number, message: string, { cause, ...options }: ApiErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.options = options;
  }

  toBody() {
    const { type = "invalid_request_error", code, param, hint } = this.options;
    return {
      error: {
        message: this.message,
        type,
        ...(param !== undefined && { param }),
        ...(code !== undefined && { code }),
        ...(hint !== undefined && { hint }),
      },
    };
  }

  toResponse(): Response {
    const { retryAfterMs, mayRetry } = this.options;
    return Response.json(this.toBody(), {
      status: this.status,
      headers: {
        "Cache-Control": "no-store",
        ...(retryAfterMs !== undefined && { "Retry-After": String(Math.ceil(retryAfterMs / 1_000)) }),
        ...(mayRetry === false && { "x-should-retry": "false" }),
      },
    });
  }
}

/** What is wrong with the member `param` of a request. */
export const invalid = (param: string, message: string, code?: string): ApiError =>
  new ApiError(400, message, { param, code });

/** Any failure in the form that clients of the HTTP API read; undefined for one that nobody foresaw. */
function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (!(error instanceof GatewayError)) return undefined;
  const { code, message, wire } = error;
  const { details, retryAfterMs } = wire;
  const reason = typeof details?.["code"] === "string" ? details["code"] : undefined;
  const named = details?.["param"] ?? details?.["field"];
  const param = typeof named === "string" ? named : undefined;
  switch (code) {
    case "INVALID_REQUEST": {
      const [, pointer, problem] = /^invalid [\w.]+ params: at \/(\S+): (.*)$/s.exec(message) ?? [];
      if (pointer === undefined) return new ApiError(400, message, { code: reason, param });
      // Methods name places as JSON pointers; these clients know them as they write them.
      const place = pointer.replaceAll(/\/(\d+)/g, "[$1]").replaceAll("/", ".");
      return new ApiError(400, `${place}: ${problem}`, { param: place });
    }
    case "FORBIDDEN":
      return new ApiError(403, message, { type: "permission_error", code: reason });
    case "UNAVAILABLE":
      return new ApiError(503, message, {
        type: "unavailable",
        code: reason,
        retryAfterMs,
        mayRetry: wire.retryable ?? false,
      });
    case "AGENT_TIMEOUT":
      return new ApiError(504, message, { type: "server_error", code: reason, mayRetry: false });
    case "APPROVAL_NOT_FOUND":
      return new ApiError(404, message, { code: reason });
    case "NOT_PAIRED":
    case "NOT_LINKED":
      return new ApiError(403, message, { type: "permission_error", code: reason });
    default:
      return code satisfies never;
  }
}

/** What a client hears of a failure; of one that nobody foresaw no more than the log's own reader can find again. */
export function describeFailure(error: unknown, { requestId, log }: { requestId: string; log: Log }): ApiError {
  const failure = toApiError(error);
  if (failure) return failure;
  log.error({ requestId, err: error }, "a request of the HTTP API failed unexpectedly");
  return new ApiError(500, `internal error; the gateway log says more at ${requestId}`, {
    type: "server_error",
    mayRetry: false,
  });
}

/** A refused credential: the message that clients know, and beside it what to do. */
export function refusedCaller(error: unknown): ApiError {
  if (!(error instanceof GatewayError)) throw error;
  const { details, retryAfterMs } = error.wire;
  const code = typeof details?.["code"] === "string" ? details["code"] : undefined;
  const hint = typeof details?.["hint"] === "string" ? details["hint"] : undefined;
  return new ApiError(code === "AUTH_RATE_LIMITED" ? 429 : 401, "Unauthorized", {
    type: "unauthorized",
    code,
    hint,
    retryAfterMs,
  });
}
