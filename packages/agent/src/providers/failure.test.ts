import { describe, expect, test } from "vitest";
import { classifyFailure } from "./failure.ts";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.parse("2026-11-20T12:00:00Z");

/** As the provider libraries throw it. */
const apiError = (statusCode: number | undefined, message: string, more: Record<string, unknown> = {}) =>
  Object.assign(new Error(message), { url: "http://provider", statusCode, isRetryable: true, ...more });

test.each([
  [{ "retry-after": "3" }, 3_000],
  [{ "Retry-After": "0.5" }, 500],
  [{ "retry-after": " 0 " }, 0],
  [{ "retry-after-ms": "250", "retry-after": "9" }, 250],
  [{ "retry-after": "Fri, 20 Nov 2026 12:01:00 GMT" }, 60_000],
  [{ "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" }, 0],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-4" }, undefined],
  [{}, undefined],
  [undefined, undefined],
])("%j asks to wait %s ms", (headers, expected) => {
  expect(retryAfterMs(headers, now)).toBe(expected);
});

describe("what a failure means", () => {
  const again = { isRetryable: true, mayFallBack: true };
  const never = { isRetryable: false, mayFallBack: false };
  const elsewhere = { isRetryable: false, mayFallBack: true };
  test.each<[string, unknown, Record<string, unknown>]>([
    [
      "429",
      apiError(429, "slow down"),
      { kind: "rate_limit", message: "429 slow down", httpStatus: 429, isLimit: true, ...again },
    ],
    [
      "429 with a header",
      apiError(429, "slow down", { responseHeaders: { "retry-after": "2" } }),
      { retryAfterMs: 2_000, isLimit: true },
    ],
    ["529", apiError(529, "Overloaded"), { kind: "rate_limit", isLimit: true, ...again }],
    ["503", apiError(503, "Service Unavailable"), { kind: "unknown", isLimit: false, ...again }],
    [
      "503 with a header",
      apiError(503, "busy", { responseHeaders: { "retry-after": "2" } }),
      { isLimit: true, retryAfterMs: 2_000, ...again },
    ],
    [
      "a spent quota",
      apiError(429, "You exceeded your current quota", { responseBody: `{"code":"insufficient_quota"}` }),
      { kind: "rate_limit", ...elsewhere },
    ],
    ["402", apiError(402, "Payment Required"), { kind: "rate_limit", ...elsewhere }],
    [
      "a wrong key",
      apiError(401, "Incorrect API key"),
      { kind: "unknown", message: "401 Incorrect API key", ...elsewhere },
    ],
    [
      "a wrong key as 400",
      apiError(400, "API key not valid. Please pass a valid API key."),
      { kind: "unknown", ...elsewhere },
    ],
    [
      "a bad request",
      apiError(400, "Unsupported parameter"),
      { kind: "unknown", message: "400 Unsupported parameter", ...never },
    ],
    [
      "OpenAI's context limit",
      apiError(400, "too much", { responseBody: `{"error":{"code":"context_length_exceeded"}}` }),
      { kind: "context_length", ...never },
    ],
    [
      "Anthropic's context limit",
      apiError(400, "prompt is too long: 210000 tokens > 200000 maximum"),
      { kind: "context_length", ...never },
    ],
    [
      "Google's context limit",
      apiError(400, "The input token count (1200000) exceeds the maximum number of tokens allowed"),
      { kind: "context_length", ...never },
    ],
    ["413", apiError(413, "Request too large"), { kind: "context_length", ...never }],
    ["504", apiError(504, "Gateway Timeout"), { kind: "timeout", ...again }],
    [
      "a refused connection",
      apiError(undefined, "Cannot connect to API: connect ECONNREFUSED"),
      { message: "Cannot connect to API: connect ECONNREFUSED", ...again },
    ],
    [
      "a broken stream",
      apiError(200, "Failed to process successful response", {
        cause: new TypeError("terminated", { cause: new Error("other side closed") }),
      }),
      { message: "the answer of the model provider broke off (other side closed)", ...again },
    ],
    [
      "an error in the stream",
      { message: "Overloaded", type: "overloaded_error", statusCode: 529 },
      { kind: "rate_limit", message: "529 Overloaded", httpStatus: 529, ...again },
    ],
    [
      "an error in the stream without a status",
      { message: "try later", type: "rate_limit_error", code: null },
      { kind: "rate_limit", message: "try later", isLimit: true, ...again },
    ],
    [
      "our own fault",
      Object.assign(new Error("no audio"), { name: "AI_UnsupportedFunctionalityError" }),
      { isRetryable: false },
    ],
    ["a string", "boom", { kind: "unknown", message: "boom", ...again }],
    ["nothing", undefined, { message: "the model provider failed" }],
  ])("%s", (_, error, expected) => {
    expect(classifyFailure(error, now)).toMatchObject(expected);
  });
});

test("keys are taken out of messages, and messages are short", () => {
  const message = classifyFailure(apiError(401, `bad key sk-live-abcdef ${"x".repeat(5_000)}`), now, [
    "sk-live-abcdef",
  ]).message;
  expect(message).toContain("bad key [secret]");
  expect(message.length).toBeLessThan(700);
});
