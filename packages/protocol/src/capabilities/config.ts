import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";

export const ConfigIssue = z.looseObject({ path: z.string(), message: z.string() });
export type ConfigIssue = z.output<typeof ConfigIssue>;

/** What stands in the place of every secret. */
export const redactedMark = "__OPENCLAW_REDACTED__";

const written = {
  /** JSON5. */
  raw: z.string().min(1),
  /** `hash` of the file as the caller has seen it; needed where there is a file. */
  baseHash: z.string().optional(),
  /** The file may lose more than half of its text. */
  allowShrink: z.boolean().optional(),
};
/** Where other gateways tell of their restart; taken and not used, as nothing here restarts for a write. */
const noted = {
  sessionKey: z.string().optional(),
  note: z.string().optional(),
  restartDelayMs: z.int().min(0).optional(),
  deliveryContext: z.unknown().optional(),
  replacePaths: z.array(z.string()).optional(),
};
const changed = z.looseObject({
  ok: z.literal(true),
  path: z.string(),
  hash: z.string().optional(),
  config: z.looseObject({}),
  /** Keys that hold something else now. */
  changedPaths: z.array(z.string()),
  /** Of these, what counts only after a restart. */
  restartRequired: z.array(z.string()),
  /** Whether the gateway restarts now by itself, as `gateway.reload.mode` says. */
  restarts: z.boolean(),
});

export const configMethods = {
  "config.get": {
    description: "The configuration file, parsed and checked, with secrets redacted.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    scopeUntil: { version: 3, scope: "operator.admin" },
    params: z.strictObject({}),
    result: z.looseObject({
      path: z.string(),
      exists: z.boolean(),
      raw: z.string().nullable(),
      parsed: z.unknown(),
      valid: z.boolean(),
      config: z.looseObject({}),
      /** SHA-256 of the file, lower-case hex. */
      hash: z.string().optional(),
      issues: z.array(ConfigIssue),
      warnings: z.array(ConfigIssue),
      legacyIssues: z.array(ConfigIssue),
    }),
  },
  "config.set": {
    description:
      "Replaces the configuration file. Secrets that `config.get` has redacted may be sent back as they are.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject(written),
    result: changed,
  },
  "config.patch": {
    description:
      "Merges into the configuration file (RFC 7396): null deletes, lists are replaced. What can be applied counts when the answer comes.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({ ...written, ...noted }),
    result: changed,
  },
  "config.apply": {
    description: "Replaces the configuration file, as `config.set`.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({ ...written, ...noted }),
    result: changed,
  },
} satisfies MethodGroup;

export const configEvents = {
  "config.changed": {
    description: "The configuration has changed, by whatever hand; `config.get` tells what it is now.",
    since: 4,
    scope: "operator.read",
    payload: z.object({ path: z.string(), hash: z.string().optional(), ts: z.int() }),
  },
} satisfies EventGroup;

export const secretsMethods = {
  "secrets.reload": {
    description:
      "Reads the secrets behind references again and puts them into force. What cannot be read keeps its last good value, and `warnings` says so.",
    since: 4,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({}),
    result: z.object({
      ok: z.literal(true),
      warningCount: z.int(),
      /** Keys that hold something else now. */
      changedPaths: z.array(z.string()),
      warnings: z.array(ConfigIssue),
    }),
  },
} satisfies MethodGroup;
