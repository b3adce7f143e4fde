import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { describe, expect, test } from "vitest";
import { Secret } from "../../platform/secret.ts";
import { GatewayConfig } from "../schema.ts";
import { planReload } from "./plan.ts";
import { withReloadTable } from "./reference.ts";
import { reloadKeys, reloadKindOf } from "./reload-keys.ts";
import type { ReloadMode } from "./reload-modes.ts";

const token = (text: string): GatewayConfig => ({ gateway: { auth: { token: new Secret(text) } } });
const port = (value: number): GatewayConfig => ({ gateway: { port: value } });
const level = (value: "info" | "debug"): GatewayConfig => ({ logging: { level: value } });
const agent = (name: string): GatewayConfig => ({ agents: { list: [{ id: "a", name }] } });

test.each<[string, GatewayConfig, GatewayConfig, string[], string[]]>([
  ["nothing", token("a"), token("a"), [], []],
  ["a secret", token("a"), token("b"), ["gateway.auth.token"], []],
  ["a secret that is gone", token("a"), {}, ["gateway.auth.token"], []],
  ["the port", port(1), port(2), ["gateway.port"], ["gateway.port"]],
  [
    "the port and a level",
    { ...port(1) },
    { ...port(2), ...level("debug") },
    ["gateway.port", "logging.level"],
    ["gateway.port"],
  ],
  ["an agent", agent("a"), agent("b"), ["agents.list"], []],
  ["the file of the log", {}, { logging: { file: "x" } }, ["logging.file"], ["logging.file"]],
])("%s", (_, before, after, changed, needRestart) => {
  expect(planReload(before, after, "hot")).toEqual({ changed, needRestart, restarts: false });
});

test.each<[ReloadMode, GatewayConfig, boolean]>([
  ["off", port(2), false],
  ["hot", port(2), false],
  ["hybrid", port(2), true],
  ["hybrid", { ...port(1), ...level("debug") }, false],
  ["restart", port(2), true],
  ["restart", { ...port(1), ...level("debug") }, true],
  ["restart", { ...port(1), ...agent("b") }, false],
])("mode %s: %j restarts: %s", (mode, after, restarts) => {
  expect(planReload(port(1), after, mode).restarts).toBe(restarts);
});

/** Every key that can be written, down to the level at which differences are told. */
function leaves(schema: z.ZodType, path: readonly string[] = []): string[] {
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  if (!(inner instanceof z.ZodObject) || path.length === 4) return [path.join(".")];
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([key, member]) =>
    leaves(member, [...path, key]),
  );
}

describe("the list", () => {
  const known = leaves(GatewayConfig);

  test("names every key of the schema", () => {
    const names = (path: string, key: string): boolean => path === key || path.startsWith(`${key}.`);
    expect(known.filter((path) => !reloadKeys.some(({ key }) => names(path, key)))).toEqual([]);
  });

  test("names no other, each once, in order", () => {
    const keys = reloadKeys.map(({ key }) => key);
    expect(keys.filter((key) => !known.some((path) => path === key || path.startsWith(`${key}.`)))).toEqual([]);
    expect(keys).toEqual([...new Set(keys)].toSorted());
  });

  test("is the table of the documentation", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../../../docs/configuration.md"), "utf8");
    expect(page, "run node scripts/generate-configuration.mjs").toBe(withReloadTable(page));
  });

  test.each([
    ["gateway.controlUi.enabled", "restart"],
    ["gateway.controlUi.allowedOrigins", "hot"],
    ["gateway.tls.certPath", "restart"],
    ["gateway.auth.rateLimit.maxAttempts", "hot"],
    ["agents.defaults.subagents.maxConcurrent", "none"],
    ["plugins.something", "none"],
  ])("%s: %s", (path, kind) => {
    expect(reloadKindOf(path)).toBe(kind);
  });
});
