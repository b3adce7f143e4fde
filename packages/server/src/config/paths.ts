import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where everything of one installation lies. */
export type StatePaths = {
  stateDir: string;
  configPath: string;
  databasePath: string;
  logPath: string;
  lockPath: string;
  /** The policy of commands; in the home folder whatever the state folder, where existing installations have it. */
  execApprovalsPath: string;
  /** The token of an installation whose configuration names none. */
  tokenPath: string;
  /** The key that device tokens are computed from. */
  deviceKeyPath: string;
  /** The certificate that the gateway makes for itself, and its key. */
  tlsCertPath: string;
  tlsKeyPath: string;
};

/** `OPENCLAW_STATE_DIR` (default `~/.openclaw`) and `OPENCLAW_CONFIG_PATH` (default `openclaw.json` in it). */
export function resolveStatePaths(environment: Environment): StatePaths {
  const stateDir = expandPath(environment["OPENCLAW_STATE_DIR"] || "~/.openclaw", environment);
  const configPath = environment["OPENCLAW_CONFIG_PATH"];
  return {
    stateDir,
    configPath: configPath ? expandPath(configPath, environment) : join(stateDir, "openclaw.json"),
    databasePath: join(stateDir, "gateway.sqlite"),
    logPath: join(stateDir, "logs", "gateway.log"),
    lockPath: join(stateDir, "gateway.lock"),
    execApprovalsPath: expandPath("~/.openclaw/exec-approvals.json", environment),
    tokenPath: join(stateDir, "gateway-token"),
    deviceKeyPath: join(stateDir, "device-token-key"),
    tlsCertPath: join(stateDir, "gateway", "tls", "gateway-cert.pem"),
    tlsKeyPath: join(stateDir, "gateway", "tls", "gateway-key.pem"),
  };
}

/** A path as people write it, made absolute: `~` is the home folder. */
export function expandPath(path: string, environment: Environment): string {
  const home = environment["HOME"] || homedir();
  if (path === "~") return home;
  if (path.startsWith("~/")) return join(home, path.slice(2));
  return isAbsolute(path) ? path : resolve(path);
}
