import type { ConfigIssue } from "@openclaw-gateway/protocol";
import { Secret } from "../platform/secret.ts";
import type { Environment } from "./paths.ts";
import { authModes, GatewayConfig } from "./schema.ts";

/** The configuration with environment variables put over it. A value that is empty or blank counts as not set. */
export function overrideFromEnvironment(
  config: GatewayConfig,
  environment: Environment,
  issues: ConfigIssue[],
): GatewayConfig {
  const value = (name: string): string | undefined => {
    const text = environment[name];
    return text === undefined || text.trim() === "" ? undefined : text;
  };
  const gateway = { ...config.gateway };
  const auth = { ...gateway.auth };
  const result: GatewayConfig = { ...config };

  const port = value("OPENCLAW_GATEWAY_PORT")?.trim();
  if (port !== undefined) {
    if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) gateway.port = Number(port);
    else
      issues.push({
        path: "OPENCLAW_GATEWAY_PORT",
        message: `must be a port number from 0 to 65535, not ${JSON.stringify(port)}`,
      });
  }
  const bind = value("OPENCLAW_GATEWAY_BIND")?.trim();
  if (bind !== undefined) gateway.bind = bind;
  const token = value("OPENCLAW_GATEWAY_TOKEN");
  if (token !== undefined) auth.token = new Secret(token);
  const password = value("OPENCLAW_GATEWAY_PASSWORD");
  if (password !== undefined) auth.password = new Secret(password);
  const mode = value("OPENCLAW_GATEWAY_AUTH")?.trim();
  if (mode !== undefined) {
    const parsed = authModes.safeParse(mode);
    if (parsed.success) auth.mode = parsed.data;
    else issues.push({ path: "OPENCLAW_GATEWAY_AUTH", message: `must be one of ${authModes.options.join(", ")}` });
  }
  const level = value("OPENCLAW_LOG_LEVEL")?.trim();
  if (level !== undefined) {
    const parsed = GatewayConfig.shape.logging.safeParse({ level });
    if (parsed.success) result.logging = { ...config.logging, ...parsed.data };
    else
      issues.push({
        path: "OPENCLAW_LOG_LEVEL",
        message: "must be one of silent, fatal, error, warn, info, debug, trace",
      });
  }
  if (Object.keys(auth).length > 0) gateway.auth = auth;
  if (Object.keys(gateway).length > 0) result.gateway = gateway;
  return result;
}
