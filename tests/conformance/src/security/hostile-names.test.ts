import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { methods, type MethodSpec } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { z } from "zod";
import { type GatewayUnderTest, startGatewayUnderTest } from "../gateway-under-test.ts";
import { isObject, type JsonObject } from "../json.ts";
import { connectParams } from "../requests.ts";

const canary = "canary-that-no-answer-may-hold";

/** Parameters with which the operator chooses a folder of the machine; every other text is a name. */
const folders = new Set(["workspace", "cwd"]);

const hostile = (outside: string): string[] => [
  "../secret.txt",
  "../../secret.txt",
  "..\\secret.txt",
  "....//secret.txt",
  "%2e%2e%2fsecret.txt",
  "..%c0%af..%c0%afsecret.txt",
  "..%252fsecret.txt",
  "．．/secret.txt",
  "secret.txt\0.md",
  "AGENTS.md/../../secret.txt",
  "leads-out/secret.txt",
  "~/secret.txt",
  `file://${outside}/secret.txt`,
  `${outside}/secret.txt`,
  "/proc/self/environ",
  "agent:../../secret.txt:main",
  "__proto__",
  "constructor",
];

const propertiesOf = ({ properties }: JsonObject): JsonObject => (isObject(properties) ? properties : {});
const requiredOf = ({ required }: JsonObject): string[] => (Array.isArray(required) ? required.map(String) : []);

/** A value that a schema takes, where a text is `text`. */
function valueOf(schema: JsonObject, text: string): unknown {
  const [first] = [schema["anyOf"], schema["oneOf"]].flat().filter(isObject);
  if (first) return valueOf(first, text);
  if (schema["const"] !== undefined) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  switch (schema["type"]) {
    case "array":
      return isObject(schema["items"]) ? [valueOf(schema["items"], text)] : [];
    case "object":
      return objectOf(schema, requiredOf(schema), text);
    case "boolean":
      return false;
    case "number":
    case "integer":
      return Math.max(1, Number(schema["minimum"] ?? 1));
    default:
      return text;
  }
}

const objectOf = (schema: JsonObject, names: readonly string[], text: string): JsonObject =>
  Object.fromEntries(
    names.map((name) => {
      const property = propertiesOf(schema)[name];
      return [name, isObject(property) ? valueOf(property, text) : text];
    }),
  );

/** Calls of one method: each text in all required parameters and, in turn, in one of the others. */
function callsOf(spec: MethodSpec, texts: readonly string[]): JsonObject[] {
  const schema: JsonObject = { ...z.toJSONSchema(spec.params, { io: "input", unrepresentable: "any" }) };
  const required = requiredOf(schema);
  const optional = Object.keys(propertiesOf(schema)).filter(
    (name) => !required.includes(name) && !folders.has(name) && name !== "timeoutMs",
  );
  const waits = "timeoutMs" in propertiesOf(schema) ? { timeoutMs: 1 } : {};
  return texts.map((text, index) => {
    const another = optional.length > 0 ? [optional[index % optional.length]!] : [];
    return { ...waits, ...objectOf(schema, [...required, ...another], text) };
  });
}

/** Every file below a folder but for those of the gateway itself, with its size and time. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(state|workspace)(\/|$)/.test(path));
  const seen = await Promise.all(files.map(async (path) => [path, await stat(path)] as const));
  return seen.map(([path, { size, mtimeMs }]) => `${path} ${size} ${mtimeMs}`).toSorted();
}

/** Finds the answers to thousands of calls by their ids, and keeps every text that came. */
function quickClient(gateway: GatewayUnderTest) {
  const received: string[] = [];
  const waiting = new Map<string, (answer: JsonObject) => void>();
  const link = gateway.connectMemory({
    onMessage: (data) => {
      const text = new TextDecoder().decode(data);
      received.push(text);
      const frame = JSON.parse(text) as JsonObject;
      if (frame["type"] === "res") waiting.get(String(frame["id"]))?.(frame);
    },
    onPong: () => {},
    onClose: () => {},
  });
  let calls = 0;
  return {
    received,
    call: (method: string, params: JsonObject): Promise<JsonObject> => {
      const id = `c${++calls}`;
      link.send(JSON.stringify({ type: "req", id, method, params }));
      return new Promise((resolve) => void waiting.set(id, resolve));
    },
  };
}

test("T-F1: no parameter of any method is used as a path", { timeout: 120_000 }, async () => {
  await using gateway = await startGatewayUnderTest({ installation: "official" });
  const outside = dirname(gateway.stateDir);
  await writeFile(join(outside, "secret.txt"), canary);
  await mkdir(join(outside, "elsewhere"));
  await symlink(outside, join(outside, "workspace/leads-out"));
  const before = await filesBelow(outside);

  const client = quickClient(gateway);
  await client.call("connect", connectParams(4, gateway));
  for (const [name, spec] of Object.entries<MethodSpec>(methods)) {
    await Promise.all(callsOf(spec, hostile(outside)).map((params) => client.call(name, params)));
  }
  expect(client.received.filter((text) => text.includes(canary))).toEqual([]);
  expect(await filesBelow(outside)).toEqual(before);
  expect(await client.call("health", {})).toMatchObject({ ok: true });
});
