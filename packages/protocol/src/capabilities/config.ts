import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";

export const ConfigIssue = z.looseObject({ path: z.string(), message: z.string() });
export type ConfigIssue = z.output<typeof ConfigIssue>;

/** What stands in the place of every secret. */
export const redactedMark = "__OPENCLAW_REDACTED__";

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
