import { realpath, rename } from "node:fs/promises";
import { type ConfigIssue, GatewayError } from "@openclaw-gateway/protocol";
import type { AuditBy } from "../audit/audit-entry.ts";
import { errorCode } from "../platform/error-code.ts";
import { writePrivateFile } from "../platform/private-file.ts";
import { editConfigText } from "./edit-text.ts";
import { ConfigError, hashConfig, type LoadedConfig, loadConfig, readConfigBytes } from "./load.ts";
import type { Environment } from "./paths.ts";
import type { ReloadPlan } from "./reload/plan.ts";
import { readConfigFile } from "./read-file.ts";
import type { SecretMemory } from "./secret-references.ts";

/** Content of the file as it is written: no substitution, no overrides. */
export type ConfigContent = Record<string, unknown>;

export type UpdateOptions = {
  /** What the caller has seen; the file must still be that. */
  baseHash?: string;
  /** The file may lose more than half of its text. */
  allowShrink?: boolean;
  /** Who asked for it; the gateway itself when nobody is named. */
  by?: AuditBy;
};

/**
 * Changes the configuration file. `change` returns the new content and may throw to leave everything as it is; it must
 * not change what it is given. Resolves with the file as it is now.
 */
export type UpdateConfig = (
  change: (content: ConfigContent) => ConfigContent,
  options?: UpdateOptions,
) => Promise<Updated>;

/** The file as it is now, and what of it came into force. */
export type Updated = LoadedConfig & Pick<ReloadPlan, "changed" | "needRestart" | "restarts">;

/** The writer of the file alone; `accept` may refuse what would be written by throwing. */
export type WriteConfig = (
  change: (content: ConfigContent) => ConfigContent,
  options?: UpdateOptions & { accept?: (candidate: LoadedConfig) => Promise<void> },
) => Promise<LoadedConfig>;

/** Earlier files that are kept beside the file, the newest as `.bak`. */
const backups = [".bak", ".bak.1", ".bak.2", ".bak.3", ".bak.4"];

const changedMeanwhile = (): GatewayError =>
  new GatewayError("INVALID_REQUEST", "config changed since last load; re-run config.get and retry");

/**
 * The one writer of a configuration file. Writes come one after the other, each on what it finds on disk. Somebody else
 * who writes between reading and replacing is noticed up to the last moment; a kill leaves the old file or the new one.
 */
export function createConfigWriter({
  path,
  environment,
  secrets,
}: {
  path: string;
  environment: Environment;
  secrets?: SecretMemory;
}): WriteConfig {
  let last: Promise<unknown> = Promise.resolve();

  async function update(
    change: (content: ConfigContent) => ConfigContent,
    { baseHash, allowShrink = false, accept }: NonNullable<Parameters<WriteConfig>[1]>,
  ): Promise<LoadedConfig> {
    // A link is kept: what it leads to is replaced.
    const target = await realpath(path).catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return path;
      throw error;
    });
    const before = await loadConfig(target, environment, secrets);
    if (baseHash !== undefined && baseHash !== before.hash) throw changedMeanwhile();
    const content = before.parsed;
    if (!isContent(content)) throw refused(before);
    const after = change(content);
    const text = editConfigText(before.raw ?? "{}\n", content, after);
    if (text === before.raw) return { ...before, path };
    const bytes = Buffer.from(text, "utf8");
    const result = await readConfigBytes(target, bytes, environment, secrets);
    if (!result.valid) throw refused(result);
    await accept?.({ ...result, path }).catch((error: unknown) => {
      throw error instanceof ConfigError ? refused(error) : error;
    });
    const size = Buffer.byteLength(before.raw ?? "");
    if (!allowShrink && bytes.length * 2 < size) {
      throw new GatewayError(
        "INVALID_REQUEST",
        `the change would take more than half of the configuration away (${size} to ${bytes.length} bytes); with allowShrink it may`,
      );
    }
    if (before.exists) await keepBackup(target);
    const found = await readConfigFile(target);
    if (hashConfig(found) !== before.hash) throw changedMeanwhile();
    await writePrivateFile(target, text);
    return { ...result, path };
  }

  return (change, options = {}) => {
    const turn = last.then(() => update(change, options)).catch(asGatewayError);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** Oldest first, so that a kill in between loses none. */
async function keepBackup(path: string): Promise<void> {
  for (let index = backups.length - 1; index > 0; index--) {
    await rename(`${path}${backups[index - 1]}`, `${path}${backups[index]}`).catch((error: unknown) => {
      if (errorCode(error) !== "ENOENT") throw error;
    });
  }
  const bytes = await readConfigFile(path);
  if (bytes) await writePrivateFile(`${path}${backups[0]}`, bytes.toString("utf8"));
}

/** What is wrong with the content is the caller's to know; where the file lies and that it cannot be written is too. */
function asGatewayError(error: unknown): never {
  if (error instanceof GatewayError) throw error;
  if (error instanceof ConfigError) throw new GatewayError("UNAVAILABLE", error.message, { cause: error });
  if (errorCode(error) !== undefined)
    throw new GatewayError("UNAVAILABLE", `the configuration cannot be written (${errorCode(error)})`, {
      cause: error,
    });
  throw error;
}

const refused = ({ issues }: { issues: readonly ConfigIssue[] }): GatewayError =>
  new GatewayError("INVALID_REQUEST", "invalid config", {
    details: { issues: issues.map(({ path, message }) => ({ path, message })) },
  });

const isContent = (value: unknown): value is ConfigContent =>
  typeof value === "object" && value !== null && !Array.isArray(value);
