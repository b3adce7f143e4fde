import { isObject } from "./json.ts";
import { isMadeUpKey } from "./substitutions.ts";

/** One difference between what was recorded and what came. `path` leads to the value inside the frame. */
export type Difference = {
  kind: "missing-field" | "type" | "value" | "length";
  path: string;
  expected: string;
  actual: string;
};

/** Values that are different in every run: only their type is compared. */
const volatile = new Set([
  "connId",
  "nonce",
  "version",
  "host",
  "ip",
  "platform",
  "deviceFamily",
  "modelIdentifier",
  "text:presence",
  "configPath",
  "stateDir",
  "path",
  "paths",
  "file",
  "workspace",
  "cwd",
  "raw",
  "hash",
  "sessionId",
  "messageId",
  "requestId",
  "deviceToken",
  "token",
  "publicKey",
  "deviceId",
  "id",
  "toolCallId",
  "approvalId",
  "approvalSlug",
  "responseId",
  "deltaCursor",
  "every",
  "prompt",
  "name:model",
  "api",
  "lines",
  "description",
  "issuedAtMs",
  "date",
  "startDate",
  "endDate",
  "generatedAt",
  "updatedAt",
  "leafEntryId",
  "processInstanceId",
  "loadAverage",
]);

/** Lists whose length is part of what a client sees. */
const counted = new Set(["messages", "content", "runIds", "previews", "items"]);

/** A recorder's mark for something it left out. */
const isPlaceholder = (value: unknown): boolean =>
  typeof value === "string" && (/^<[^<>]*>$/.test(value) || value.includes("…<"));
/** The short id of an approval stands in the text that a model is told. */
const withoutSlug = (value: unknown): unknown =>
  typeof value === "string" ? value.replace(/\(id [0-9a-f]{8}\)/, "(id)") : value;
/** Text of the stub model that is cut where somebody stopped it. */
const isPaced = (value: string): boolean => /^(word0|r0) /.test(value);
const hasPlaceholder = (value: string): boolean => /<[A-Z_]+>|…</.test(value);

/**
 * What of the recorded value is not found in the actual one. Fields may be added, never lost; texts and booleans are
 * equal unless they change from run to run; numbers keep their type only.
 */
export function compare(recorded: unknown, actual: unknown, path = ""): Difference[] {
  if (isPlaceholder(recorded)) return [];
  if (Array.isArray(recorded)) return compareArrays(recorded, actual, path);
  if (isObject(recorded)) {
    if (!isObject(actual)) return [differs("type", path, recorded, actual)];
    return Object.entries(recorded).flatMap(([key, value]) => {
      if (key.startsWith("…")) return [];
      const inner = path === "" ? key : `${path}.${key}`;
      if (!(key in actual)) return isPlaceholder(value) ? [] : [differs("missing-field", inner, value, undefined)];
      return compare(value, actual[key], inner);
    });
  }
  if (typeof recorded !== typeof actual || (recorded === null) !== (actual === null)) {
    return [differs("type", path, recorded, actual)];
  }
  if (recorded === actual || typeof recorded === "number" || isVolatile(path, recorded)) return [];
  if (withoutSlug(recorded) === withoutSlug(actual)) return [];
  return [differs("value", path, recorded, actual)];
}

function compareArrays(recorded: readonly unknown[], actual: unknown, path: string): Difference[] {
  if (!Array.isArray(actual)) return [differs("type", path, recorded, actual)];
  const items: readonly unknown[] = actual;
  const name = path.slice(path.lastIndexOf(".") + 1);
  const isCut = recorded.some(isPlaceholder);
  if (counted.has(name) && !isCut && recorded.length !== items.length) {
    return [differs("length", path, recorded.length, items.length), ...compareShapes(recorded, items, path)];
  }
  if (recorded.length > 0 && items.length === 0) return isCut ? [] : [differs("length", path, recorded.length, 0)];
  if (recorded.every((item) => typeof item !== "object")) return compareSets(recorded, items, path);
  if (recorded.length === items.length)
    return recorded.flatMap((item, index) => compare(item, items[index], `${path}[]`));
  return compareShapes(recorded, items, path);
}

/** Lists of another length (other sessions, other models): the entries still have one shape. */
function compareShapes(recorded: readonly unknown[], items: readonly unknown[], path: string): Difference[] {
  if (recorded.length === 0 || items.length === 0) return [];
  return compare(recorded[0], items[0], `${path}[]`).filter(({ kind }) => kind === "missing-field" || kind === "type");
}

/** Names in a list: every recorded one is there, unless the list is of a kind that changes. */
function compareSets(recorded: readonly unknown[], items: readonly unknown[], path: string): Difference[] {
  return recorded
    .filter((item) => !isPlaceholder(item) && !items.includes(item) && !isVolatile(path, item))
    .map((item) => differs("value", `${path}[]`, item, undefined));
}

function isVolatile(path: string, value: unknown): boolean {
  if (typeof value === "string" && (hasPlaceholder(value) || isPaced(value) || isMadeUpKey(value))) return true;
  const keys = path.replaceAll("[]", "").split(".");
  const key = keys.at(-1) ?? "";
  if (key === "text" && path.includes("presence")) return true;
  if (key === "scopes" && !path.includes("auth")) return true;
  if (key === "flags" && typeof value === "string" && value.startsWith("id:")) return true;
  if (key === "runId" && typeof value === "string" && value.startsWith("inject-")) return true;
  return volatile.has(key);
}

const differs = (kind: Difference["kind"], path: string, expected: unknown, actual: unknown): Difference => ({
  kind,
  path,
  expected: brief(expected),
  actual: brief(actual),
});

export function brief(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
