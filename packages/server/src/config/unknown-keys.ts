import { z } from "zod";

/** Paths of keys that a schema does not know, as `gateway.foo` or `agents.list[0].bar`. */
export function findUnknownKeys(schema: z.ZodType, value: unknown, path = ""): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject && isRecord(value)) {
    return Object.entries(value).flatMap(([key, member]) => {
      const at = path === "" ? key : `${path}.${key}`;
      const known = (inner.shape as Record<string, z.ZodType>)[key];
      return known && Object.hasOwn(inner.shape, key) ? findUnknownKeys(known, member, at) : [at];
    });
  }
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((member, index) => findUnknownKeys(inner.element as z.ZodType, member, `${path}[${index}]`));
  }
  if (inner instanceof z.ZodRecord && isRecord(value)) {
    return Object.entries(value).flatMap(([key, member]) =>
      findUnknownKeys(inner.valueType as z.ZodType, member, `${path}.${key}`),
    );
  }
  if (inner instanceof z.ZodUnion) {
    const branches = (inner.options as z.ZodType[]).filter((option) => option.safeParse(value).success);
    return branches[0] ? findUnknownKeys(branches[0], value, path) : [];
  }
  return [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
