import type { ClientOptions } from "./core/index.ts";

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `real` connects to a gateway, `mock` simulates one, `auto` tries the first and says when it has to make do with the second. */
export const connectionModes = ["real", "mock", "auto"] as const;
/** One of `connectionModes`. */
export type ConnectionMode = (typeof connectionModes)[number];

/** Address and token from `OPENCLAW_GATEWAY_URL` and `OPENCLAW_GATEWAY_TOKEN` or `OPENCLAW_AUTH_TOKEN`; empty counts as unset. */
export function clientOptionsFromEnvironment(
  environment: Environment = process.env,
): Partial<Pick<ClientOptions, "url" | "token">> {
  const url = environment["OPENCLAW_GATEWAY_URL"]?.trim();
  const token = environment["OPENCLAW_GATEWAY_TOKEN"]?.trim() || environment["OPENCLAW_AUTH_TOKEN"]?.trim();
  return { ...(url ? { url } : {}), ...(token ? { token } : {}) };
}

/** `OPENCLAW_MODE`, undefined when unset or empty. Throws `TypeError` for a word that is no mode. */
export function modeFromEnvironment(environment: Environment = process.env): ConnectionMode | undefined {
  const word = environment["OPENCLAW_MODE"]?.trim().toLowerCase();
  if (!word) return undefined;
  const mode = connectionModes.find((each) => each === word);
  if (mode === undefined) throw new TypeError(`OPENCLAW_MODE: ${connectionModes.join(", ")} are possible, not ${word}`);
  return mode;
}
