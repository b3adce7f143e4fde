import { isObject, type JsonObject } from "../json.ts";

/** A value that a schema of the official package accepts: with what it demands only, or with everything it allows. */
export function exampleOf(schema: unknown, fill: "required" | "all"): unknown {
  if (!isObject(schema)) return "x";
  if ("const" in schema) return schema["const"];
  const choices = schema["anyOf"] ?? schema["oneOf"] ?? schema["enum"];
  if (Array.isArray(choices)) return "enum" in schema ? choices[0] : exampleOf(choices[0], fill);
  switch (schema["type"]) {
    case "object":
      return objectOf(schema, fill);
    case "array": {
      const least = numberIn(schema, "minItems") ?? (fill === "all" ? 1 : 0);
      return Array.from({ length: least }, () => exampleOf(schema["items"], fill));
    }
    case "integer":
    case "number":
      return Math.max(numberIn(schema, "minimum") ?? 0, (numberIn(schema, "exclusiveMinimum") ?? -1) + 1, 1);
    case "boolean":
      return true;
    case "null":
      return null;
    case "string":
      return textOf(schema);
    default:
      return "x";
  }
}

function objectOf(schema: JsonObject, fill: "required" | "all"): JsonObject {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const wanted = Object.entries(properties).filter(([name]) => fill === "all" || required.includes(name));
  return Object.fromEntries(wanted.map(([name, property]) => [name, exampleOf(property, fill)]));
}

/** Shapes that the patterns of the official schema ask for; the first that fits. */
const texts = ["x", "2026-01-02", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "a-b", "1"];

function textOf(schema: JsonObject): string {
  const { pattern } = schema;
  const least = numberIn(schema, "minLength") ?? 0;
  const fitting = typeof pattern === "string" ? texts.filter((text) => new RegExp(pattern, "u").test(text)) : texts;
  return fitting.find((text) => text.length >= least) ?? "x".padEnd(least, "x");
}

const numberIn = (schema: JsonObject, name: string): number | undefined => {
  const value = schema[name];
  return typeof value === "number" ? value : undefined;
};
