/** Says where a secret comes from, in place of the secret. */
export type SecretReference = { source: "env" | "file" | "exec"; provider: string; id: string };

const sources: readonly string[] = ["env", "file", "exec"];
const providerName = /^[a-z][a-z0-9_-]{0,63}$/;
const shorthand = /^\$([A-Z][A-Z0-9_]{0,127})$/;
const ids = {
  env: /^[A-Z][A-Z0-9_]{0,127}$/,
  file: /^(?:value|(?:\/(?:[^~/]|~[01])*)+)$/,
  exec: /^(?!(?:.*\/)?\.{1,2}(?:\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$/,
} as const;

/**
 * Reads what stands where a secret belongs: `{ source, provider, id }`, or `$NAME` for a variable of the environment.
 * Undefined for a secret written out; a text says what is wrong with a reference.
 */
export function readReference(
  value: unknown,
  defaults: Readonly<Record<string, string | undefined>>,
): SecretReference | string | undefined {
  if (typeof value === "string") {
    const name = shorthand.exec(value)?.[1];
    return name === undefined ? undefined : { source: "env", provider: defaults["env"] ?? "default", id: name };
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { source, provider, id, ...others }: Record<string, unknown> = { ...value };
  if (typeof source !== "string" || !isSource(source))
    return `expected a text, or { source: "env" | "file" | "exec", provider, id }`;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) return `a reference has no ${JSON.stringify(unknown)}; it has source, provider and id`;
  const name = provider ?? defaults[source] ?? "default";
  if (typeof name !== "string" || !providerName.test(name))
    return "the provider of a reference is a name of a-z, 0-9, - and _";
  if (typeof id !== "string" || !ids[source].test(id)) return explainId[source];
  return { source, provider: name, id };
}

const explainId = {
  env: "the id of an env reference is the name of a variable, in capital letters",
  file: 'the id of a file reference is a JSON pointer such as "/providers/openai/apiKey", or "value"',
  exec: "the id of an exec reference has letters, digits and . _ : / # - and no . or .. between slashes",
} as const;

const isSource = (source: string): source is SecretReference["source"] => sources.includes(source);

/** How people read it in a message. It names a place, not a secret. */
export const describeReference = ({ source, provider, id }: SecretReference): string => `${source}:${provider}:${id}`;
