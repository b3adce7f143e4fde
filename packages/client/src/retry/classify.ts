import { closeCodes, type ErrorCode, GatewayError } from "@openclaw-gateway/protocol/wire";
import { ConnectionError, type ConnectionErrorReason } from "../core/index.ts";

/** Whether the same call may succeed a little later. */
export type FailureKind = "transient" | "permanent";

/** Judges what a call failed with, by its codes where it has some, else by its text. Every value has a kind. */
export function classifyFailure(error: unknown): FailureKind {
  return classify(error, 0);
}

/** Whether the same call may succeed a little later. */
export const isTransientFailure = (error: unknown): boolean => classifyFailure(error) === "transient";

/** How long the gateway asks callers to wait, in milliseconds. */
export function askedDelayMs(error: unknown): number | undefined {
  const askedMs = error instanceof GatewayError ? error.wire.retryAfterMs : undefined;
  return askedMs !== undefined && askedMs >= 0 ? askedMs : undefined;
}

/** Codes of the gateway. `by-text` is for those that one code with many causes has on gateways of protocol 3. */
const byErrorCode: Readonly<Record<ErrorCode, FailureKind | "by-text">> = {
  UNAVAILABLE: "by-text",
  AGENT_TIMEOUT: "by-text",
  INVALID_REQUEST: "permanent",
  NOT_PAIRED: "permanent",
  FORBIDDEN: "permanent",
  APPROVAL_NOT_FOUND: "permanent",
  NOT_LINKED: "permanent",
};

const byReason: Readonly<Record<ConnectionErrorReason, FailureKind | "by-close">> = {
  closed: "by-close",
  timeout: "transient",
  aborted: "permanent",
  "unsupported-method": "permanent",
  "too-large": "permanent",
  untrusted: "permanent",
};

/** Closes that judged the caller or what it sent. Every other close is the loss of a link. */
const judgingCloses: ReadonlySet<number> = new Set([
  closeCodes.protocolMismatch,
  // Data and texts that the peer cannot read.
  1003,
  1007,
  closeCodes.policy,
  closeCodes.tooBig,
  // An extension the peer insists on.
  1010,
]);

/** Error codes of Node's sockets and its HTTP client that pass by themselves. Others (names, certificates) do not. */
const passingSystemCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_SOCKET",
]);

const passingStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What a gateway cannot store it will not store later, whatever else it says. */
const neverText = /unsupported file/i;

/** Texts of passing failures, as gateways and clients of any version write them. */
const passingTexts: readonly RegExp[] = [
  /connection refused|econnrefused/i,
  /received 1012|service restart/i,
  /\b(502 bad gateway|503 service unavailable|504 gateway time-?out)\b/i,
  /\btime-?out\b|\btimed out\b|etimedout/i,
  /connection (was )?(closed|reset|lost)|econnreset|socket hang up/i,
  /slow consumer/i,
  // A session whose run takes a while to stop.
  /try again in a moment/i,
];

/** `HTTP 503`, `HTTP/1.1 503`, `Unexpected server response: 503`, `status code 503`. */
const statusText = /(?:\bhttp(?:\/\d(?:\.\d)?)?|\bserver response|\bstatus)(?: status)?(?: code)?\s*[:=]?\s*(\d{3})\b/i;

/** Errors that hold errors are followed so far. */
const maxDepth = 8;

function classify(error: unknown, depth: number): FailureKind {
  if (depth > maxDepth) return "permanent";
  if (error instanceof GatewayError) return ofGateway(error);
  if (error instanceof ConnectionError) return ofConnection(error, depth);
  if (error instanceof Error) return ofOther(error, depth);
  return typeof error === "string" ? (ofText(error) ?? "permanent") : "permanent";
}

function ofGateway(error: GatewayError): FailureKind {
  if (neverText.test(error.message)) return "permanent";
  const { retryable } = error.wire;
  if (retryable !== undefined) return retryable ? "transient" : "permanent";
  if (askedDelayMs(error) !== undefined) return "transient";
  const kind = byErrorCode[error.code] ?? "by-text";
  return kind === "by-text" ? (ofText(error.message) ?? "permanent") : kind;
}

function ofConnection(error: ConnectionError, depth: number): FailureKind {
  const kind = byReason[error.reason];
  if (kind !== "by-close") return kind;
  const { closeCode, cause, message } = error;
  // Nothing was lost: the client was closed by whoever owns it.
  if (closeCode === undefined && cause === undefined) return "permanent";
  // Told in other words; the one inside knows more.
  if (closeCode === undefined || cause instanceof ConnectionError) return classify(cause, depth + 1);
  if (judgingCloses.has(closeCode)) return /slow consumer|time-?out/i.test(message) ? "transient" : "permanent";
  return ofStatus(message) ?? ofSystemCode(cause) ?? "transient";
}

function ofOther(error: Error, depth: number): FailureKind {
  if (error.name === "AbortError") return "permanent";
  if (error.name === "TimeoutError") return "transient";
  const byCode = ofSystemCode(error);
  if (byCode !== undefined) return byCode;
  if (error.cause !== undefined) return classify(error.cause, depth + 1);
  // A mistake in a program stays one, whatever words it is told in.
  const isMistake = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return isMistake ? "permanent" : (ofText(error.message) ?? "permanent");
}

function ofText(text: string): FailureKind | undefined {
  if (neverText.test(text)) return "permanent";
  return passingTexts.some((pattern) => pattern.test(text)) ? "transient" : ofStatus(text);
}

function ofStatus(text: string): FailureKind | undefined {
  const status = statusText.exec(text)?.[1];
  if (status === undefined) return undefined;
  return passingStatuses.has(Number(status)) ? "transient" : "permanent";
}

function ofSystemCode(error: unknown): FailureKind | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return passingSystemCodes.has(error.code) ? "transient" : "permanent";
}
