import { resolve } from "node:path";
import { expect, test } from "vitest";
import { expandPath, resolveStatePaths } from "./paths.ts";

test.each([
  [{ HOME: "/h" }, "/h/.openclaw", "/h/.openclaw/openclaw.json"],
  [{ HOME: "/h", OPENCLAW_STATE_DIR: "/s" }, "/s", "/s/openclaw.json"],
  [{ HOME: "/h", OPENCLAW_STATE_DIR: "~/s", OPENCLAW_CONFIG_PATH: "~/c.json5" }, "/h/s", "/h/c.json5"],
  [{ HOME: "/h", OPENCLAW_STATE_DIR: "", OPENCLAW_CONFIG_PATH: "" }, "/h/.openclaw", "/h/.openclaw/openclaw.json"],
])("%j", (environment, stateDir, configPath) => {
  expect(resolveStatePaths(environment)).toEqual({
    stateDir,
    configPath,
    databasePath: `${stateDir}/gateway.sqlite`,
    logPath: `${stateDir}/logs/gateway.log`,
    lockPath: `${stateDir}/gateway.lock`,
    execApprovalsPath: "/h/.openclaw/exec-approvals.json",
    tokenPath: `${stateDir}/gateway-token`,
    deviceKeyPath: `${stateDir}/device-token-key`,
    tlsCertPath: `${stateDir}/gateway/tls/gateway-cert.pem`,
    tlsKeyPath: `${stateDir}/gateway/tls/gateway-key.pem`,
  });
});

test("paths are absolute; a tilde counts only in front", () => {
  expect(expandPath("x/~/y", { HOME: "/h" })).toBe(resolve("x/~/y"));
  expect(expandPath("~", { HOME: "/h" })).toBe("/h");
  expect(expandPath("~other/x", { HOME: "/h" })).toBe(resolve("~other/x"));
});
