import { type ErrorCode, GatewayError } from "@openclaw-gateway/protocol/wire";
import { expect, test } from "vitest";
import { ConnectionError } from "./connection-error.ts";
import { whyFinal } from "./endings.ts";

const refused = (details: Record<string, unknown>, message = "x", code: ErrorCode = "INVALID_REQUEST") =>
  whyFinal(new GatewayError(code, message, { details }));

test.each([
  ["AUTH_TOKEN_MISSING", "auth-rejected"],
  ["AUTH_TOKEN_MISMATCH", "auth-rejected"],
  ["AUTH_BOOTSTRAP_TOKEN_INVALID", "auth-rejected"],
  ["AUTH_PASSWORD_MISSING", "auth-rejected"],
  ["AUTH_PASSWORD_MISMATCH", "auth-rejected"],
  ["AUTH_RATE_LIMITED", "auth-rejected"],
  ["AUTH_DEVICE_TOKEN_MISMATCH", "auth-rejected"],
  ["AUTH_SCOPE_MISMATCH", "auth-rejected"],
  ["AUTH_IDENTITY_HEADER_REQUIRED", "auth-rejected"],
  ["AUTH_VERIFIED_USER_REQUIRED", "auth-rejected"],
  ["CONTROL_UI_BUILD_MISMATCH", "protocol-mismatch"],
  ["PAIRING_REQUIRED", "pairing-required"],
  ["CONTROL_UI_DEVICE_IDENTITY_REQUIRED", "auth-rejected"],
  ["DEVICE_IDENTITY_REQUIRED", "auth-rejected"],
  ["PROTOCOL_MISMATCH", "protocol-mismatch"],
  ["CLIENT_VERSION_MISMATCH", "protocol-mismatch"],
  ["CONTROL_UI_ORIGIN_NOT_ALLOWED", "refused"],
  ["DEVICE_AUTH_SIGNATURE_EXPIRED", undefined],
  ["toString", undefined],
])("details %s: %s", (code, reason) => {
  expect(refused({ code })).toBe(reason);
});

test("pairing that the gateway expects to be over soon is waited for", () => {
  expect(refused({ code: "PAIRING_REQUIRED", pauseReconnect: false })).toBeUndefined();
  expect(refused({ code: "PAIRING_REQUIRED", recommendedNextStep: "wait_then_retry" })).toBeUndefined();
});

test("protocol 3 has texts only", () => {
  const byText = (message: string, code: ErrorCode = "INVALID_REQUEST") => whyFinal(new GatewayError(code, message));
  expect(byText("device identity required", "NOT_PAIRED")).toBe("auth-rejected");
  expect(byText("pairing required", "NOT_PAIRED")).toBe("pairing-required");
  expect(byText("origin not allowed (open the Control UI from the gateway host)")).toBe("refused");
  expect(byText("invalid role")).toBe("refused");
  expect(byText("something else", "UNAVAILABLE")).toBeUndefined();
});

test.each([
  [1000, "", undefined],
  [1002, "protocol mismatch", "protocol-mismatch"],
  [1006, "", undefined],
  [1008, "", "auth-rejected"],
  [1008, "device identity required", "auth-rejected"],
  [1008, "pairing required: not-paired (requestId: r)", "pairing-required"],
  [1008, "invalid connect params: at /client/id: must", "refused"],
  [1012, "service restart", undefined],
  [1013, "", undefined],
  [4001, "unauthorized by a proxy", undefined],
])("closed with %i %j before hello-ok: %s", (closeCode, message, reason) => {
  expect(whyFinal(new ConnectionError("closed", message, { closeCode }))).toBe(reason);
});
