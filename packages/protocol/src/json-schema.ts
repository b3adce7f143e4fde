import { z } from "zod";
import { events, methods } from "./catalog.ts";
import { protocolOneMethods } from "./capabilities/protocol-one.ts";
import { ConnectParams, HelloOk } from "./connect.ts";
import type { EventSpec, MethodGroup, MethodSpec } from "./define.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;
export type MethodSchema = Pick<
  MethodSpec,
  "description" | "since" | "until" | "role" | "scope" | "scopeUntil" | "aliases"
> & {
  params: JsonSchema;
  result: JsonSchema;
  accepted?: JsonSchema;
};
export type EventSchema = Pick<EventSpec, "description" | "since" | "until" | "roles" | "scope"> & {
  payload: JsonSchema;
};

const input = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
const output = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });

/** The whole catalogue as JSON Schema (draft 2020-12), for clients in any language. */
export function catalogueSchema(): {
  connect: { params: JsonSchema; result: JsonSchema };
  methods: Record<string, MethodSchema>;
  /** What protocol 1 has under the names of other methods. */
  protocol1: { methods: Record<string, MethodSchema> };
  events: Record<string, EventSchema>;
} {
  const eventSchemas = Object.entries<EventSpec>(events).map(([name, { payload, ...facts }]) => [
    name,
    { ...facts, payload: output(payload) },
  ]);
  return {
    connect: { params: input(ConnectParams), result: output(HelloOk) },
    methods: methodSchemas(methods),
    protocol1: { methods: methodSchemas(protocolOneMethods) },
    events: Object.fromEntries(eventSchemas),
  };
}

function methodSchemas(group: MethodGroup): Record<string, MethodSchema> {
  return Object.fromEntries(
    Object.entries(group).map(([name, { params, result, accepted, ...facts }]) => [
      name,
      { ...facts, params: input(params), result: output(result), ...(accepted && { accepted: output(accepted) }) },
    ]),
  );
}
