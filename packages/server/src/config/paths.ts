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
  /** The token of an installation whose configuration names none. */
  tokenPath: string;
};

/** `OPENCLAW_STATE_DIR` (default `~/.openclaw`) and `OPENCLAW_CONFIG_PATH` (default `openclaw.json` in it). */
export function resolveStatePaths(environment: Environment): StatePaths {
  const home = environment["HOME"] || homedir();
  const stateDir = expand(environment["OPENCLAW_STATE_DIR"] || "~/.openclaw", home);
  const configPath = environment["OPENCLAW_CONFIG_PATH"];
  return {
    stateDir,
    configPath: configPath ? expand(configPath, home) : join(stateDir, "openclaw.json"),
    databasePath: join(stateDir, "gateway.sqlite"),
    logPath: join(stateDir, "logs", "gateway.log"),
    lockPath: join(stateDir, "gateway.lock"),
    tokenPath: join(stateDir, "gateway-token"),
  };
}

function expand(path: string, home: string): string {
  if (path === "~") return home;
  if (path.startsWith("~/")) return join(home, path.slice(2));
  return isAbsolute(path) ? path : resolve(path);
}
