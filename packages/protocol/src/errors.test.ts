import { expect, test } from "vitest";
import { GatewayError, missingScope } from "./errors.ts";

test("an error travels without its cause", () => {
  const error = new GatewayError("UNAVAILABLE", "busy", {
    retryable: true,
    retryAfterMs: 250,
    cause: new Error("secret"),
  });
  expect(error.toWire()).toEqual({ code: "UNAVAILABLE", message: "busy", retryable: true, retryAfterMs: 250 });
  expect(JSON.stringify(error.toWire())).not.toContain("secret");
  expect(error.cause).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "GatewayError", message: "busy" });
});

test("a payload is kept beside the error, not inside it", () => {
  const error = new GatewayError("UNAVAILABLE", "failed", { payload: { runId: "r", status: "error" } });
  expect(error.payload).toEqual({ runId: "r", status: "error" });
  expect(error.toWire()).toEqual({ code: "UNAVAILABLE", message: "failed" });
});

test("a missing scope says which", () => {
  expect(missingScope("operator.read").toWire()).toEqual({
    code: "FORBIDDEN",
    message: "missing scope: operator.read",
    details: { code: "MISSING_SCOPE", missingScope: "operator.read", requiredScopes: ["operator.read"] },
  });
});
