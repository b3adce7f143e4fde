import type { ConfigIssue } from "@openclaw-gateway/protocol";
import { z } from "zod";
import { Secret } from "../platform/secret.ts";
import { SecretsConfig } from "../secrets/providers.ts";
import { describeReference, readReference, type SecretReference } from "../secrets/reference.ts";
import { formatPath } from "./locate.ts";
import type { Environment } from "./paths.ts";
import { GatewayConfig, secret } from "./schema.ts";

/** Fields that the gateway itself does not read, or that a variable of the environment stands for. */
function isInactive(path: string, environment: Environment): boolean {
  if (path.startsWith("gateway.remote.")) return true;
  const name = { "gateway.auth.token": "OPENCLAW_GATEWAY_TOKEN", "gateway.auth.password": "OPENCLAW_GATEWAY_PASSWORD" }[
    path
  ];
  return name !== undefined && (environment[name] ?? "").trim() !== "";
}

/** What references have led to in the life of this process, by their names. */
export type SecretMemory = Map<string, Secret>;

/**
 * A copy of the configuration with the secrets in place of the references to them. Only fields of secrets may hold one. What
 * cannot be resolved is an issue at its field; without references nothing is loaded and nothing is waited for. With a
 * memory, what was found before stands in for what cannot be found now, and `stale` says so.
 */
export async function resolveSecrets(
  parsed: unknown,
  environment: Environment,
  issues: ConfigIssue[],
  memory?: SecretMemory,
): Promise<{ value: unknown; stale: ConfigIssue[] }> {
  const stale: ConfigIssue[] = [];
  const given = isRecord(parsed) ? parsed["secrets"] : undefined;
  const config = SecretsConfig.safeParse(given ?? {}).data ?? {};
  const references: SecretReference[] = [];
  const replaced = mapSecrets(GatewayConfig, parsed, [], (value, path) => {
    const reference = readReference(value, config.defaults ?? {});
    if (reference === undefined) return value;
    if (isInactive(path, environment)) return undefined;
    if (typeof reference === "string") {
      issues.push({ path, message: reference });
      return undefined;
    }
    references.push(reference);
    return value;
  });
  if (references.length === 0) return { value: replaced, stale };
  const { resolveReferences } = await import("../secrets/resolve.ts");
  const valueOf = await resolveReferences(references, config, environment);
  const value = mapSecrets(GatewayConfig, replaced, [], (given, path) => {
    const reference = readReference(given, config.defaults ?? {});
    if (reference === undefined || typeof reference === "string") return given;
    const name = describeReference(reference);
    const found = valueOf(reference);
    if (typeof found === "string") {
      memory?.set(name, new Secret(found));
      return found;
    }
    const { message } = found;
    const known = memory?.get(name);
    (known ? stale : issues).push({ path, message });
    return known?.reveal();
  });
  return { value, stale };
}

/** One reference of this installation, for a program beside the gateway. Rejects with what is wrong, and no value in it. */
export async function resolveSecret(
  value: unknown,
  secrets: unknown,
  environment: Environment,
): Promise<string | undefined> {
  const config = SecretsConfig.safeParse(secrets ?? {}).data ?? {};
  const reference = readReference(value, config.defaults ?? {});
  if (reference === undefined) return typeof value === "string" ? value : undefined;
  if (typeof reference === "string") throw new Error(reference);
  const { resolveReferences } = await import("../secrets/resolve.ts");
  const found = (await resolveReferences([reference], config, environment))(reference);
  if (typeof found === "string") return found;
  throw new Error(`${describeReference(reference)}: ${found.message}`);
}

type Change = (value: unknown, path: string) => unknown;

/** Changes what stands in the secret fields of a schema; everything else is the same. */
function mapSecrets(schema: z.ZodType, value: unknown, path: readonly PropertyKey[], change: Change): unknown {
  const inner = unwrap(schema);
  if (inner === secret) return value === undefined ? value : change(value, formatPath(path));
  if (inner instanceof z.ZodObject && isRecord(value)) {
    const shape = inner.shape as Record<string, z.ZodType>;
    return mapEntries(value, (name, member) =>
      Object.hasOwn(shape, name) && shape[name] ? mapSecrets(shape[name], member, [...path, name], change) : member,
    );
  }
  if (inner instanceof z.ZodRecord && isRecord(value)) {
    return mapEntries(value, (name, member) =>
      mapSecrets(inner.valueType as z.ZodType, member, [...path, name], change),
    );
  }
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((member, index) => mapSecrets(inner.element as z.ZodType, member, [...path, index], change));
  }
  return value;
}

/** The same object when nothing in it changed. */
function mapEntries(
  value: Record<string, unknown>,
  change: (name: string, member: unknown) => unknown,
): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, member]): [string, unknown] => [name, change(name, member)]);
  return entries.every(([name, member]) => member === value[name]) ? value : Object.fromEntries(entries);
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
