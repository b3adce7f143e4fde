import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { protocolOneMethods } from "./capabilities/protocol-one.ts";
import { events, methods } from "./catalog.ts";
import { catalogueSchema } from "./json-schema.ts";
import { catalogueReference } from "./reference.ts";

const schema = catalogueSchema();
const generated = (name: string): string =>
  readFileSync(new URL(`../../../docs/protocol/${name}`, import.meta.url), "utf8");
const regenerate = "run: node scripts/generate-protocol.mjs";

/** Every `type` used anywhere inside a schema. */
function typesIn(value: unknown): Set<unknown> {
  if (typeof value !== "object" || value === null) return new Set();
  const own = "type" in value && typeof value.type === "string" ? [value.type] : [];
  return new Set([...own, ...Object.values(value).flatMap((inner) => [...typesIn(inner)])]);
}

describe("JSON Schema", () => {
  test("knows every method and event, with its facts", () => {
    expect(Object.keys(schema.methods)).toEqual(Object.keys(methods));
    expect(Object.keys(schema.protocol1.methods)).toEqual(Object.keys(protocolOneMethods));
    expect(Object.keys(schema.events)).toEqual(Object.keys(events));
    expect(schema.methods["chat.send"]).toMatchObject({ since: 3, role: "operator", scope: "operator.write" });
    expect(schema.methods["chat.send"]?.params).toMatchObject({
      type: "object",
      additionalProperties: false,
      required: ["sessionKey", "message", "idempotencyKey"],
    });
    expect(schema.methods["agent"]?.accepted).toMatchObject({ properties: { status: { const: "accepted" } } });
  });

  test.each(Object.entries(schema.methods))(
    "parameters of %s are an object without floating numbers, unless they are amounts",
    (method, { params }) => {
      expect(params.type).toBe("object");
      // The error grammar calls every number an integer but those made by `amount`.
      const takesAmounts = ["sessions.spawn", "sessions_spawn"].includes(method);
      expect(typesIn(params).has("number")).toBe(takesAmounts);
    },
  );

  test("is plain data", () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });
});

describe("generated pages are up to date", () => {
  test("schema.json", () => {
    expect(JSON.parse(generated("schema.json")), regenerate).toEqual(schema);
  });

  test("methods.md", () => {
    expect(generated("methods.md"), regenerate).toBe(`${catalogueReference()}\n`);
  });
});
