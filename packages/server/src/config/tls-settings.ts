import type { TlsSettings } from "../settings.ts";
import { ConfigError } from "./load.ts";
import { type Environment, expandPath, type StatePaths } from "./paths.ts";
import type { GatewayConfig } from "./schema.ts";

/** What `gateway.tls` asks for; undefined when the port is plain. Without paths the gateway makes its own certificate. */
export function tlsSettings(
  config: GatewayConfig,
  { configPath, tlsCertPath, tlsKeyPath }: StatePaths,
  environment: Environment,
): TlsSettings | undefined {
  const { enabled = false, autoGenerate, certPath, keyPath, caPath } = config.gateway?.tls ?? {};
  if (!enabled) return undefined;
  if ((certPath === undefined) !== (keyPath === undefined)) {
    const missing = certPath === undefined ? "certPath" : "keyPath";
    const message = "is missing: certificate and key go together, or leave both out and the gateway makes them";
    throw new ConfigError(configPath, [{ path: `gateway.tls.${missing}`, message }]);
  }
  return {
    certPath: certPath === undefined ? tlsCertPath : expandPath(certPath, environment),
    keyPath: keyPath === undefined ? tlsKeyPath : expandPath(keyPath, environment),
    caPath: caPath === undefined ? undefined : expandPath(caPath, environment),
    // A path somebody wrote should lead to something; a typing error must not become a new certificate.
    generate: autoGenerate ?? certPath === undefined,
  };
}
