import type { ClientOptions } from "./core/index.ts";

/** Address and token from `OPENCLAW_GATEWAY_URL` and `OPENCLAW_GATEWAY_TOKEN` or `OPENCLAW_AUTH_TOKEN`; empty counts as unset. */
export function clientOptionsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Partial<Pick<ClientOptions, "url" | "token">> {
  const url = environment["OPENCLAW_GATEWAY_URL"]?.trim();
  const token = environment["OPENCLAW_GATEWAY_TOKEN"]?.trim() || environment["OPENCLAW_AUTH_TOKEN"]?.trim();
  return { ...(url ? { url } : {}), ...(token ? { token } : {}) };
}
