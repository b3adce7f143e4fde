import { z } from "zod";
import type { MethodGroup } from "../define.ts";

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
