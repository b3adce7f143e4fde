import type { TurnErrorKind } from "@openclaw-gateway/server";
import { retryAfterMs } from "./retry-after.ts";

/** Why a model call failed and what may be done about it. */
export type ProviderFailure = {
  kind: TurnErrorKind;
  /** `<status> <what the provider said>`, without keys. */
  message: string;
  httpStatus?: number;
  /** The same model may be asked again. */
  isRetryable: boolean;
  /** Another model may do better. */
  mayFallBack: boolean;
  /** Every call with this credential would meet the same limit now. */
  isLimit: boolean;
  retryAfterMs?: number;
};

const maxMessageChars = 600;
const contextPattern =
  /context[_ -]?(length|window|limit)|maximum context|prompt is too long|(input|request) (is |was )?too (long|large)|too many (input )?tokens|token count .*exceeds|exceeds? .*(token limit|maximum number of tokens)/i;
const limitPattern = /rate.?limit|too many requests|quota|overloaded|resource_exhausted|capacity/i;
const spentPattern = /insufficient_quota|billing|credit balance/i;
/** One provider answers a wrong key with 400. */
const wrongKeyPattern = /api.?key.?(not valid|invalid)/i;
/** Errors of the provider libraries that are about what we asked, before anything was sent. */
const ownFaultPattern = /^AI_(Unsupported|InvalidPrompt|InvalidArgument|Load|NoSuch)/;

type Facts = {
  message: string;
  words: string;
  status: number | undefined;
  headers: Record<string, string> | undefined;
  isRetryable: boolean | undefined;
};

/** What a call's error means. The libraries throw some errors and stream others, in a few forms. */
export function classifyFailure(error: unknown, nowMs: number, secrets: readonly string[] = []): ProviderFailure {
  const facts = readFacts(error);
  const { status, words } = facts;
  const message = redact(
    `${status === undefined ? "" : `${status} `}${facts.message}`.slice(0, maxMessageChars),
    secrets,
  );
  const wait = retryAfterMs(facts.headers, nowMs);
  const failure = (kind: TurnErrorKind, how: Partial<ProviderFailure>): ProviderFailure => ({
    kind,
    message,
    isRetryable: false,
    mayFallBack: false,
    isLimit: false,
    ...(status !== undefined && { httpStatus: status }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    ...how,
  });

  if ((status === undefined || status === 400 || status === 413 || status === 422) && contextPattern.test(words)) {
    return failure("context_length", {});
  }
  if (status === 402 || spentPattern.test(words)) return failure("rate_limit", { mayFallBack: true });
  if (status === 429 || status === 529 || (status === 503 && wait !== undefined)) {
    return failure("rate_limit", { isRetryable: true, mayFallBack: true, isLimit: true });
  }
  if (status === 401 || status === 403 || status === 404 || wrongKeyPattern.test(words))
    return failure("unknown", { mayFallBack: true });
  if (status === 408 || status === 504) return failure("timeout", { isRetryable: true, mayFallBack: true });
  if (status === 409 || status === 425 || (status !== undefined && status >= 500)) {
    return failure("unknown", { isRetryable: true, mayFallBack: true });
  }
  if (status !== undefined && status >= 400) return failure("unknown", {});
  if (limitPattern.test(words)) return failure("rate_limit", { isRetryable: true, mayFallBack: true, isLimit: true });
  // A broken connection, or an answer that makes no sense.
  return failure("unknown", { isRetryable: facts.isRetryable ?? true, mayFallBack: true });
}

/** A provider that says nothing for too long. */
export const stallFailure = (message: string): ProviderFailure => ({
  kind: "timeout",
  message,
  isRetryable: true,
  mayFallBack: true,
  isLimit: false,
});

function readFacts(error: unknown): Facts {
  if (typeof error === "string")
    return { message: error, words: error, status: undefined, headers: undefined, isRetryable: undefined };
  const own = asRecord(error) ?? {};
  const said = asRecord(own["error"]);
  // A stream that broke comes with the status of its beginning and a message that says nothing.
  const hasBroken = typeof own["statusCode"] === "number" && own["statusCode"] < 300;
  const stated = text(own["message"]) || text(said?.["message"]) || "the model provider failed";
  const message = hasBroken ? `the answer of the model provider broke off (${deepestMessage(error)})` : stated;
  const code = own["code"] ?? said?.["code"];
  const type = own["type"] ?? said?.["type"];
  const words = [message, own["responseBody"], code, type].filter((word) => typeof word === "string").join(" ");
  // A message of the provider is in the answer, not in what was asked.
  const isAnswered = typeof own["statusCode"] === "number";
  const numeric = Number(own["statusCode"] ?? code);
  const status = Number.isInteger(numeric) && numeric >= 400 && numeric <= 599 ? numeric : undefined;
  return {
    message,
    words,
    status,
    headers: isAnswered ? stringRecord(own["responseHeaders"]) : undefined,
    // A status decides by itself; the libraries know which network errors pass.
    isRetryable: error instanceof Error && ownFaultPattern.test(error.name) ? false : flag(own["isRetryable"]),
  };
}

function redact(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => (secret.length >= 6 ? text.replaceAll(secret, "[secret]") : text), message);
}

function deepestMessage(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error && current.cause instanceof Error; depth++)
    current = current.cause;
  return current instanceof Error ? current.message : String(current);
}

const flag = (value: unknown): boolean | undefined => (typeof value === "boolean" ? value : undefined);

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? Object.fromEntries(propertiesOf(value)) : undefined;
}

/** `message` of an Error is not enumerable. */
function propertiesOf(value: object): [string, unknown][] {
  const entries: [string, unknown][] = Object.entries(value);
  return value instanceof Error ? [...entries, ["message", value.message]] : entries;
}

function stringRecord(value: unknown): Record<string, string> | undefined {
  const record = asRecord(value);
  if (!record) return undefined;
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, each]) => (typeof each === "string" ? [[name, each]] : [])),
  );
}
