import type { HelloOk } from "@openclaw-gateway/protocol";
import { type ErrorCode, type EventFrame, GatewayError, limits } from "@openclaw-gateway/protocol/wire";
import type { Challenge } from "./connection.ts";

/** An answer as it came; `error` is not judged yet. */
export type Answer = { type: "res"; id: string; ok: boolean; payload?: unknown; error?: unknown };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a message of the gateway; undefined for what is no answer and no event. Unknown members stay. */
export function readFrame(text: string): Answer | EventFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { type, id, ok, event } = value;
  if (type === "res" && typeof id === "string" && typeof ok === "boolean") return { ...value, type, id, ok };
  if (type === "event" && typeof event === "string") {
    const { seq, ...rest } = value;
    return { ...rest, type, event, ...(typeof seq === "number" ? { seq } : {}) };
  }
  return undefined;
}

/** The payload of `connect.challenge`; undefined when it has no nonce to sign. */
export function readChallenge(payload: unknown): Challenge | undefined {
  if (!isObject(payload) || typeof payload["nonce"] !== "string" || payload["nonce"] === "") return undefined;
  return { nonce: payload["nonce"], tsMs: typeof payload["ts"] === "number" ? payload["ts"] : undefined };
}

/** What the gateway said, as the error it threw. Codes of newer gateways pass through. */
export function readError({ error, payload }: Answer): GatewayError {
  const told = isObject(error) ? error : {};
  const { code, message, details, retryable, retryAfterMs } = told;
  return new GatewayError(
    typeof code === "string" && code !== "" ? (code as ErrorCode) : "UNAVAILABLE",
    typeof message === "string" && message !== "" ? message : "the gateway refused without a reason",
    {
      ...(isObject(details) ? { details } : {}),
      ...(typeof retryable === "boolean" ? { retryable } : {}),
      ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
      ...(payload === undefined ? {} : { payload }),
    },
  );
}

/** Reads `hello-ok`. Gateways may leave much of it out; what everybody relies on is filled in. */
export function readHello(payload: unknown): HelloOk {
  const told: Partial<HelloOk> = isObject(payload) ? payload : {};
  return {
    ...told,
    type: "hello-ok",
    protocol: told.protocol ?? 3,
    server: { version: "unknown", connId: "", ...told.server },
    features: { methods: [], events: [], ...told.features },
    snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: 0, ...told.snapshot },
    policy: {
      maxPayload: limits.payloadBytes,
      maxBufferedBytes: limits.bufferedBytes,
      tickIntervalMs: limits.tickIntervalMs,
      ...told.policy,
    },
  };
}
