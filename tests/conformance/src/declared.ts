import { connectMethods, events, HelloOk, methods } from "@openclaw-gateway/protocol";
import { z } from "zod";
import { isObject, type JsonObject } from "./json.ts";

type Described = { about: string; path: string };

const cache = new Map<string, readonly JsonObject[]>();

/** The shapes this project declares for an answer (both, where there are two) or an event. */
function schemasOf(about: string): readonly JsonObject[] {
  let schemas = cache.get(about);
  if (!schemas)
    cache.set(
      about,
      (schemas = schemaTypes(about).map((type) => z.toJSONSchema(type, { unrepresentable: "any" }) as JsonObject)),
    );
  return schemas;
}

function schemaTypes(about: string): z.ZodType[] {
  const [kind, ...rest] = about.split(" ");
  const name = rest.at(-1) ?? "";
  if (kind === "event") {
    const event = Object.entries(events).find(([known]) => name === known || name.startsWith(`${known}/`));
    return event ? [event[1].payload] : [];
  }
  if (name === "connect") return [HelloOk, connectMethods.connect.result];
  const method = Object.entries(methods).find(([known]) => known === name)?.[1];
  return method ? [method.result, ...("accepted" in method ? [method.accepted] : [])] : [];
}

/** Whether this project's own schema names the field at a path: then a recorded one must be there. */
export function isDeclared({ about, path }: Described): boolean {
  const keys = path.split(".").slice(1);
  return schemasOf(about).some((schema) => names(schema, keys));
}

function names(schema: unknown, keys: readonly string[]): boolean {
  if (!isObject(schema)) return false;
  const branches = [schema["anyOf"], schema["oneOf"], schema["allOf"]].flatMap((list) =>
    Array.isArray(list) ? (list as unknown[]) : [],
  );
  if (branches.some((branch) => names(branch, keys))) return true;
  const [key, ...rest] = keys;
  if (key === undefined) return true;
  const name = key.replaceAll("[]", "");
  const next = name === "" ? schema : isObject(schema["properties"]) ? schema["properties"][name] : undefined;
  const depth = key.split("[]").length - 1;
  let inner: unknown = next;
  for (let index = 0; index < depth; index += 1) inner = isObject(inner) ? inner["items"] : undefined;
  return rest.length === 0 ? inner !== undefined : names(inner, rest);
}
