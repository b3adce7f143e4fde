import type { z } from "zod";
import type { Alias } from "./define.ts";
import { catalogueSchema, type EventSchema, type MethodSchema } from "./json-schema.ts";
import { dialectOfConnect } from "./wire/codec.ts";

type Schema = z.core.JSONSchema.BaseSchema;

/** The catalogue as a page for people: what one may call, with what, and what comes back. */
export function catalogueReference(): string {
  const { methods, events, protocol1 } = catalogueSchema();
  const byName = <T>(entries: Record<string, T>): [string, T][] =>
    Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    "# Methods and events",
    "",
    "Written by `node scripts/generate-protocol.mjs` from `packages/protocol`; edit the schemas, not this page.",
    "The same as JSON Schema: [schema.json](schema.json). A name ending in `?` may be left out.",
    "",
    "## Methods",
    "",
    "| method | protocol | role or scope | |",
    "| --- | --- | --- | --- |",
    ...byName(methods).map(
      ([name, spec]) => `| [\`${name}\`](#${anchor(name)}) | ${span(spec)} | ${access(spec)} | ${spec.description} |`,
    ),
    "",
    ...byName(methods).flatMap(([name, spec]) => methodSection(name, spec)),
    "## Events",
    "",
    "| event | protocol | who sees it | |",
    "| --- | --- | --- | --- |",
    ...byName(events).map(
      ([name, spec]) => `| \`${name}\` | ${span(spec)} | ${audience(spec)} | ${spec.description} |`,
    ),
    "",
    ...byName(events).flatMap(([name, spec]) => [`### \`${name}\` event`, "", ...shape(spec.payload), ""]),
    "## Protocol 1",
    "",
    "Chosen by `minProtocol` to `maxProtocol` = 1, or by requests whose `type` is `request`. Methods marked `1+` above are there as they",
    "are, parameters that nobody knows are dropped. These have a shape of their own:",
    "",
    ...byName(protocol1.methods).flatMap(([name, spec]) => methodSection(`\`${name}\` in protocol 1`, spec)),
    ...Object.entries(dialectOfConnect({ minProtocol: 1, maxProtocol: 1 }).eventNames).map(
      ([name, old]) => `The event \`${name}\` is called ${old.map((one) => `\`${one}\``).join(", ")}.`,
    ),
  ].join("\n");
}

const anchor = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9-]/g, "");
const span = ({ since, until }: { since: number; until?: number | undefined }): string =>
  until === undefined ? `${since}+` : `${since}–${until}`;
const access = ({ role, scope, scopeUntil }: MethodSchema): string =>
  `${scope ?? role}${scopeUntil ? ` (${scopeUntil.scope} up to protocol ${scopeUntil.version})` : ""}`;
const audience = ({ roles, scope }: EventSchema): string => [...(roles ?? []), ...(scope ? [scope] : [])].join(", ");

function methodSection(name: string, { description, params, aliases = {}, accepted, result }: MethodSchema): string[] {
  return [
    `### ${name}`,
    "",
    description,
    "",
    "Parameters:",
    "",
    ...shape(params),
    "",
    ...Object.entries(aliases).flatMap(([old, alias]) => [aliasLine(old, alias), ""]),
    ...(accepted ? ["First answer:", "", ...shape(accepted), ""] : []),
    "Result:",
    "",
    ...shape(result),
    "",
  ];
}

const aliasLine = (old: string, alias: Alias): string =>
  typeof alias === "string"
    ? `\`${old}\` is an older name of \`${alias}\`.`
    : `\`${old}\` is an older name: one item of \`${alias.itemOf}\`.`;

function shape(schema: Schema): string[] {
  const fields = Object.entries(schema.properties ?? {});
  if (schema.type !== "object")
    return schema.oneOf ? schema.oneOf.flatMap((one) => [`- ${typeOf(one)}`]) : [`- ${typeOf(schema)}`];
  if (fields.length === 0) return ["- nothing"];
  return fields.map(([name, field]) => `- \`${name}${schema.required?.includes(name) ? "" : "?"}\`: ${typeOf(field)}`);
}

/** A JSON Schema in the notation of TypeScript, with limits. */
function typeOf(schema: Schema | boolean): string {
  if (typeof schema === "boolean") return "any";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return union.map(typeOf).join(" or ");
  if (schema.type === "array") return `${element(schema.items)}${limits(schema.minItems, schema.maxItems, "items")}`;
  if (schema.type === "object") return objectOf(schema);
  if (schema.type === "string") return `string${limits(schema.minLength, schema.maxLength, "characters")}`;
  if (schema.type === "integer") return `integer${limits(safe(schema.minimum), safe(schema.maximum), "")}`;
  return typeof schema.type === "string" ? schema.type : "any";
}

function element(items: Schema["items"]): string {
  const type = items === undefined || Array.isArray(items) ? "any" : typeOf(items);
  return type.includes(" ") ? `(${type})[]` : `${type}[]`;
}

function objectOf({ properties, required, additionalProperties }: Schema): string {
  const fields = Object.entries(properties ?? {});
  if (fields.length > 0)
    return `{ ${fields.map(([name, field]) => `${name}${required?.includes(name) ? "" : "?"}: ${typeOf(field)}`).join(", ")} }`;
  const values = typeof additionalProperties === "object" ? typeOf(additionalProperties) : "any";
  return values === "any" ? "object" : `object of ${values}`;
}

/** Every integer of JSON is bounded by what a double holds; only tighter bounds are worth saying. */
const safe = (bound: number | undefined): number | undefined =>
  bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound;

function limits(min: number | undefined, max: number | undefined, unit: string): string {
  const what = unit && ` ${unit}`;
  if (min !== undefined && max !== undefined) return ` (${min} to ${max}${what})`;
  if (min === 1 && unit) return " (not empty)";
  if (min !== undefined) return ` (at least ${min}${what})`;
  return max === undefined ? "" : ` (at most ${max}${what})`;
}
