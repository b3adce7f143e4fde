import { type Environment, expandPath } from "../config/paths.ts";
import { askCommand } from "./exec-provider.ts";
import { readFromFile } from "./file-provider.ts";
import type { SecretProvider, SecretsConfig } from "./providers.ts";
import { describeReference, type SecretReference } from "./reference.ts";

/** A value, or why there is none. */
export type Resolved = (reference: SecretReference) => string | Error;

/**
 * Finds the values of all references: each provider is asked once, and all at the same time. Never rejects; errors name
 * the reference and the provider and hold nothing of what was found.
 */
export async function resolveReferences(
  references: readonly SecretReference[],
  { providers = {} }: SecretsConfig,
  environment: Environment,
): Promise<Resolved> {
  const groups = new Map<string, SecretReference[]>();
  for (const reference of references) {
    const key = `${reference.source}:${reference.provider}`;
    groups.set(key, [...(groups.get(key) ?? []), reference]);
  }
  const found = new Map<string, string | Error>();
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const [first] = group;
      if (!first) return;
      const ids = [...new Set(group.map(({ id }) => id))];
      const values = await ask(first, providers[first.provider], ids, environment).catch((error: unknown) =>
        asError(error),
      );
      for (const reference of group) {
        const value = values instanceof Error ? values : values.get(reference.id);
        found.set(describeReference(reference), value === undefined || value === "" ? new Error("it is empty") : value);
      }
    }),
  );
  return (reference) => {
    const name = describeReference(reference);
    const value = found.get(name) ?? new Error("it was not asked for");
    return value instanceof Error ? new Error(`the reference ${name} leads to nothing: ${value.message}`) : value;
  };
}

async function ask(
  { source, provider: name }: SecretReference,
  provider: SecretProvider | undefined,
  ids: readonly string[],
  environment: Environment,
): Promise<Map<string, string | Error>> {
  if (provider && provider.source !== source)
    throw new Error(`secrets.providers.${name} has source "${provider.source}"`);
  if (source === "env") {
    const allowed = provider?.source === "env" ? provider.allowlist : undefined;
    return new Map(
      ids.map((id) => {
        if (allowed && !allowed.includes(id))
          return [id, new Error(`secrets.providers.${name}.allowlist does not name it`)];
        return [id, environment[id] || new Error("the environment variable is not set")];
      }),
    );
  }
  if (!provider) throw new Error(`secrets.providers.${name} is not configured`);
  if (provider.source === "file") return readFromFile(provider, expandPath(provider.path, environment), ids);
  if (provider.source === "exec") {
    // Not made absolute: a relative command would depend on where the gateway was started.
    const command = provider.command.startsWith("~/") ? expandPath(provider.command, environment) : provider.command;
    return askCommand(provider, { name, command, environment }, ids);
  }
  throw new Error(`secrets.providers.${name} has source "${provider.source}"`);
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
