import { z } from "zod";
import type { MethodSpec } from "./define.ts";

/** Parameters under the names of today. What was sent under today's name stays as it is, and the older one is refused beside it. */
export function renameAliases(params: unknown, aliases: MethodSpec["aliases"]): unknown {
  if (!aliases || typeof params !== "object" || params === null || Array.isArray(params)) return params;
  const renamed: Record<string, unknown> = { ...params };
  for (const [old, alias] of Object.entries(aliases)) {
    const name = typeof alias === "string" ? alias : alias.itemOf;
    if (!(old in renamed) || name in renamed) continue;
    renamed[name] = typeof alias === "string" ? renamed[old] : [renamed[old]];
    delete renamed[old];
  }
  return renamed;
}

/** The same schema for clients of newer releases, whose extra parameters are dropped instead of refused. */
export const withoutUnknownKeys = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodObject ? schema.strip() : schema;
