import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { isObject, type JsonObject } from "../json.ts";

/** The published schema of the official protocol package; only these tests read it. */
const file = new URL("../../node_modules/@openclaw/gateway-protocol/protocol.schema.json", import.meta.url);
const schema = JSON.parse(readFileSync(file, "utf8")) as {
  definitions: Record<string, JsonObject>;
  methods: Record<string, { since: string; scope: string }>;
};

export const officialMethods = schema.methods;
const ajv = new Ajv({ strict: false, allErrors: true, verbose: false });
const compiled = new Map<string, ValidateFunction>();

/** Names that do not follow from the method's own. */
const irregular: Readonly<Record<string, string>> = {
  "connect result": "HelloOk",
  "agent.identity.get params": "AgentIdentityParams",
  "agent.identity.get result": "AgentIdentityResult",
  "config.schema result": "ConfigSchemaResponse",
  "exec.approvals.get result": "ExecApprovalsSnapshot",
  "exec.approvals.set result": "ExecApprovalsSnapshot",
  // A name of parameters that looks like one of a result.
  "node.invoke result": "",
};

const pascal = (name: string): string =>
  name
    .split(/[.-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");

/** The official definition of a method's parameters or result, where there is one. */
export function definitionOf(name: string, part: "params" | "result" | "event"): string | undefined {
  const suffix = { params: "Params", result: "Result", event: "Event" }[part];
  const found = irregular[`${name} ${part}`] ?? `${pascal(name)}${suffix}`;
  return Object.hasOwn(schema.definitions, found) ? found : undefined;
}

export const officialSchema = (definition: string): JsonObject => schema.definitions[definition]!;

/** What the official definition has against a value, one line each: where, and what. */
export function complaints(definition: string, value: unknown): string[] {
  let validate = compiled.get(definition);
  if (!validate) compiled.set(definition, (validate = ajv.compile(officialSchema(definition))));
  if (validate(value)) return [];
  return [...new Set((validate.errors ?? []).map(describe))];
}

function describe({ instancePath, keyword, params, message }: ErrorObject): string {
  const where = instancePath.replaceAll(/\/\d+(?=\/|$)/g, "/*");
  const extra: unknown = isObject(params) ? (params["additionalProperty"] ?? params["missingProperty"]) : undefined;
  return `${where || "/"} ${keyword}${typeof extra === "string" ? ` ${extra}` : ` ${message ?? ""}`}`;
}
