import { ConnectionError } from "@openclaw-gateway/client/core";
import { GatewayError } from "@openclaw-gateway/protocol/wire";
import { expect, test } from "vitest";
import { CommandError } from "../exit-codes.ts";
import { toCommandError } from "./failure.ts";

const own = { url: "ws://127.0.0.1:18789/", urlSource: "the default", isOwn: true, credentialSource: undefined };
const named = {
  url: "ws://far:1/",
  urlSource: "--url",
  isOwn: false,
  credentialSource: "--token or --password",
  token: "t",
};

test.each([
  [
    new ConnectionError("closed", "connect ECONNREFUSED 127.0.0.1:18789"),
    own,
    "unreachable",
    "no gateway is running at ws://127.0.0.1:18789/",
    "start it with: openclaw gateway run",
  ],
  [
    new ConnectionError("closed", "connect ECONNREFUSED 10.0.0.1:1"),
    named,
    "unreachable",
    "no gateway is running at ws://far:1/",
    "check the address (from --url)",
  ],
  [
    new ConnectionError("closed", "getaddrinfo ENOTFOUND far"),
    named,
    "unreachable",
    "the host of ws://far:1/ is not known",
    "check the address (from --url)",
  ],
  [
    new ConnectionError("closed", "Unexpected server response: 404"),
    named,
    "unreachable",
    "what answers at ws://far:1/ is not ready or not a gateway (HTTP 404)",
    "check the address (from --url)",
  ],
  [
    new ConnectionError("timeout", "health: no answer within 5ms"),
    own,
    "timeout",
    "health: no answer within 5ms (ws://127.0.0.1:18789/)",
    "raise --timeout, or look at: gateway status",
  ],
  [
    new ConnectionError("closed", "service restart", { closeCode: 1012 }),
    own,
    "unreachable",
    "the connection to ws://127.0.0.1:18789/ was lost: service restart",
    "the gateway may be restarting; try again",
  ],
  [
    new GatewayError("INVALID_REQUEST", "unauthorized: gateway token mismatch (x)"),
    named,
    "unauthorized",
    "the gateway at ws://far:1/ refused the token from --token or --password",
    "pass the right one with --token; on the gateway's machine it is: openclaw gateway token",
  ],
  [
    new GatewayError("NOT_PAIRED", "device identity required"),
    own,
    "unauthorized",
    "the gateway at ws://127.0.0.1:18789/ wants a token and none was given",
    "pass --token or set OPENCLAW_GATEWAY_TOKEN; on the gateway's machine it is: openclaw gateway token",
  ],
  [
    new GatewayError("INVALID_REQUEST", "unauthorized: gateway password missing (x)"),
    named,
    "unauthorized",
    "the gateway at ws://far:1/ wants a password and none was given",
    "pass --password or set OPENCLAW_GATEWAY_PASSWORD",
  ],
  [
    new GatewayError("INVALID_REQUEST", "unauthorized: too many", {
      details: { code: "AUTH_RATE_LIMITED" },
      retryAfterMs: 61_000,
    }),
    named,
    "unauthorized",
    "too many failed attempts: the gateway accepts no credentials for a while",
    "try again in 1 min 1 s",
  ],
  [
    new GatewayError("FORBIDDEN", "missing scope: operator.admin"),
    own,
    "unauthorized",
    "missing scope: operator.admin",
    "connect with a token that has this permission",
  ],
  [
    new GatewayError("UNAVAILABLE", "too much work", { retryable: true, retryAfterMs: 2_000 }),
    own,
    "failed",
    "too much work",
    "try again in 2 s",
  ],
  [new GatewayError("INVALID_REQUEST", "bad\u001B[31m\nvalue"), own, "failed", "bad[31m value", undefined],
])("%s", (error, endpoint, reason, message, fix) => {
  const told = toCommandError(error, { endpoint, invocation: "openclaw" });
  expect(told).toBeInstanceOf(CommandError);
  expect(told).toMatchObject({ reason, message, fix });
});
