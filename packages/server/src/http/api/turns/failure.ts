import type { Result } from "@openclaw-gateway/protocol";
import { ApiError } from "../api-error.ts";

type Ended = Pick<Result<"turns.run">, "state" | "stopReason" | "error" | "errorKind">;

/**
 * Why a turn has no answer, or undefined when it has one. Tools may have run, so that clients are told not to send it again
 * by themselves; the gateway has asked the provider again already where that could help.
 */
export function failureOf({ state, stopReason, error = "the turn failed", errorKind }: Ended): ApiError | undefined {
  const failed = (status: number, code: string, type: "server_error" | "invalid_request_error" | "rate_limit_error") =>
    new ApiError(status, error, { type, code, mayRetry: false });
  switch (state) {
    case "done":
      return undefined;
    case "aborted":
      return new ApiError(409, `the run was stopped (${stopReason})`, {
        type: "server_error",
        code: "run_aborted",
        mayRetry: false,
      });
    case "interrupted":
      return new ApiError(503, "the run was cut by a stop of the gateway", {
        type: "unavailable",
        code: "run_interrupted",
        mayRetry: false,
      });
    case "failed":
      break;
    default:
      return state satisfies never;
  }
  switch (errorKind) {
    case "rate_limit":
      return failed(429, "rate_limit_exceeded", "rate_limit_error");
    case "context_length":
      return failed(400, "context_length_exceeded", "invalid_request_error");
    case "refusal":
      return failed(400, "content_policy_violation", "invalid_request_error");
    case "timeout":
      return failed(504, "timeout", "server_error");
    case "unknown":
    case undefined:
      return failed(502, "provider_error", "server_error");
    default:
      return errorKind satisfies never;
  }
}
