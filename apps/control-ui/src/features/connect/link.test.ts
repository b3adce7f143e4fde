import { type ConnState, ConnectionError, type Failure, GatewayError } from "@openclaw-gateway/browser-client";
import type { HelloOk } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { type Link, reduceLink } from "./link.ts";
import { problemText } from "./problem-text.ts";

const hello: HelloOk = {
  type: "hello-ok",
  protocol: 4,
  server: { version: "1", connId: "c" },
  features: { methods: [], events: [] },
  snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: 0 },
  policy: { maxPayload: 1, maxBufferedBytes: 1, tickIntervalMs: 1 },
};
const nowMs = 1_000;
const lost = new ConnectionError("closed", "gone", { closeCode: 1006 });
const refusal = (code: string, more: { retryable?: boolean; retryAfterMs?: number } = {}): GatewayError =>
  new GatewayError("INVALID_REQUEST", `unauthorized: ${code}`, { details: { code }, ...more });
const limited = refusal("AUTH_RATE_LIMITED", { retryable: true, retryAfterMs: 5_000 });

const waiting = (lastError: Failure): ConnState => ({ at: "waiting", attempt: 1, retryAtMs: 2_000, lastError });
const rejected = (error: Failure): ConnState => ({ at: "stopped", reason: "auth-rejected", error });
const online: Link = { at: "online", hello };
const signedOut = (problem: Extract<Link, { at: "signed-out" }>["problem"]): Link => ({ at: "signed-out", problem });

const pairing = new GatewayError("NOT_PAIRED", "pairing required", {
  details: { code: "PAIRING_REQUIRED", requestId: "r-1", reason: "scope-upgrade" },
});
const waitingForApproval = (outcome: "waiting" | "rejected" | "expired"): Link => ({
  at: "waiting-for-approval",
  request: { requestId: "r-1", reason: "scope-upgrade" },
  outcome,
});
const foreign = { origin: "http://x", setting: {} };

test.each<[name: string, before: Link, conn: ConnState, after: Link]>([
  ["the first attempt shows no form", { at: "starting" }, { at: "opening", attempt: 1 }, { at: "starting" }],
  ["a sign-in is under way", signedOut(undefined), { at: "opening", attempt: 1 }, { at: "connecting" }],
  ["let in", { at: "connecting" }, { at: "ready", hello }, online],
  ["nobody answers", { at: "starting" }, waiting(lost), { at: "unreachable", retryAtMs: 2_000 }],
  [
    "the next attempt",
    { at: "unreachable", retryAtMs: 2_000 },
    { at: "opening", attempt: 2 },
    { at: "unreachable", retryAtMs: undefined },
  ],
  ["a lost link keeps the page", online, waiting(lost), { at: "reconnecting", hello, retryAtMs: 2_000 }],
  [
    "its next attempt too",
    { at: "reconnecting", hello, retryAtMs: 2_000 },
    { at: "opening", attempt: 2 },
    { at: "reconnecting", hello, retryAtMs: undefined },
  ],
  ["back again", { at: "reconnecting", hello, retryAtMs: undefined }, { at: "ready", hello }, online],
  ["locked out", { at: "connecting" }, waiting(limited), signedOut({ kind: "locked-out", untilMs: 6_000 })],
  [
    "locked out by a client that stops",
    { at: "connecting" },
    rejected(limited),
    signedOut({ kind: "locked-out", untilMs: 6_000 }),
  ],
  [
    "wrong token",
    { at: "connecting" },
    rejected(refusal("AUTH_TOKEN_MISMATCH")),
    signedOut({ kind: "wrong-credential", mode: "token" }),
  ],
  [
    "wrong password",
    { at: "connecting" },
    rejected(refusal("AUTH_PASSWORD_MISMATCH")),
    signedOut({ kind: "wrong-credential", mode: "password" }),
  ],
  [
    "nothing to show",
    { at: "starting" },
    rejected(refusal("DEVICE_IDENTITY_REQUIRED")),
    signedOut({ kind: "credential-missing" }),
  ],
  [
    "a token that was changed meanwhile",
    { at: "reconnecting", hello, retryAtMs: undefined },
    rejected(refusal("AUTH_TOKEN_MISMATCH")),
    signedOut({ kind: "wrong-credential", mode: "token" }),
  ],
  [
    "other versions",
    { at: "starting" },
    { at: "stopped", reason: "protocol-mismatch", error: undefined },
    signedOut({ kind: "protocol-mismatch" }),
  ],
  [
    "approval",
    { at: "starting" },
    { at: "stopped", reason: "pairing-required", error: undefined },
    signedOut({ kind: "pairing-required" }),
  ],
  [
    "refused",
    { at: "starting" },
    { at: "stopped", reason: "refused", error: new GatewayError("INVALID_REQUEST", "origin not allowed") },
    signedOut({ kind: "refused", message: "origin not allowed" }),
  ],
  [
    "our own close keeps what is shown",
    signedOut({ kind: "locked-out", untilMs: 6_000 }),
    { at: "stopped", reason: "closed-by-user", error: undefined },
    signedOut({ kind: "locked-out", untilMs: 6_000 }),
  ],
  [
    "approval with a request",
    { at: "connecting" },
    { at: "stopped", reason: "pairing-required", error: pairing },
    waitingForApproval("waiting"),
  ],
  [
    "asking again shows no form in between",
    waitingForApproval("rejected"),
    { at: "opening", attempt: 1 },
    waitingForApproval("waiting"),
  ],
  ["approved", waitingForApproval("waiting"), { at: "ready", hello }, online],
  [
    "a token of the device that somebody revoked",
    { at: "starting" },
    rejected(refusal("AUTH_DEVICE_TOKEN_MISMATCH")),
    signedOut({ kind: "access-ended" }),
  ],
  [
    "a code that was used",
    { at: "starting" },
    rejected(refusal("AUTH_BOOTSTRAP_TOKEN_INVALID")),
    signedOut({ kind: "code-invalid" }),
  ],
  [
    "an origin that is still refused",
    { at: "unreachable", retryAtMs: undefined, refusal: foreign },
    waiting(lost),
    { at: "unreachable", retryAtMs: 2_000, refusal: foreign },
  ],
])("%s", (_, before, link, after) => {
  expect(reduceLink(before, { type: "link-changed", link, nowMs })).toEqual(after);
});

test("the end of a request concerns the request that waits", () => {
  const end = (requestId: string) =>
    reduceLink(waitingForApproval("waiting"), {
      type: "approval-of-this-device-ended",
      requestId,
      outcome: "rejected",
    });
  expect(end("r-1")).toEqual(waitingForApproval("rejected"));
  expect(end("other")).toEqual(waitingForApproval("waiting"));
});

test("why an origin is refused is told where nobody was reached", () => {
  const told = { type: "entrance-told", refusal: foreign } as const;
  expect(reduceLink({ at: "unreachable", retryAtMs: 1 }, told)).toMatchObject({ refusal: foreign });
  expect(reduceLink(online, told)).toBe(online);
});

test("every problem has words, a missing credential is no problem", () => {
  expect(problemText({ kind: "credential-missing" }, 0)).toBeUndefined();
  expect(problemText({ kind: "wrong-credential", mode: "token" }, 0)?.title).toBe("Wrong token");
  expect(problemText({ kind: "wrong-credential", mode: "password" }, 0)?.title).toBe("Wrong password");
  expect(problemText({ kind: "locked-out", untilMs: 0 }, 1)?.detail).toContain("1 second.");
  expect(problemText({ kind: "locked-out", untilMs: 0 }, 95)?.detail).toContain("1:35 minutes");
  expect(problemText({ kind: "locked-out", untilMs: 0 }, 0)?.title).toBe("You can try again");
});
