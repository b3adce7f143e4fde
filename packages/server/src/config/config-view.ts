import type { Result } from "@openclaw-gateway/protocol";
import { stable } from "../rpc/stable.ts";
import type { LoadedConfig } from "./load.ts";
import { redactConfig } from "./redact.ts";

/**
 * The answer of `config.get`. `raw` is the redacted content written out anew, because no search through free text finds
 * every spelling of a secret that JSON5 allows, and comments hold old ones; a file that cannot be parsed is not shown.
 */
export function createConfigView(loaded: Omit<LoadedConfig, "staleSecrets">): Result<"config.get"> {
  const redacted = redactConfig(loaded.parsed ?? {});
  const shown = typeof redacted === "object" && redacted !== null && !Array.isArray(redacted) ? { ...redacted } : {};
  return stable({
    path: loaded.path,
    exists: loaded.exists,
    raw: loaded.raw === undefined || loaded.parsed === undefined ? null : `${JSON.stringify(redacted, undefined, 2)}\n`,
    parsed: redacted,
    valid: loaded.valid,
    config: shown,
    ...(loaded.hash !== undefined && { hash: loaded.hash }),
    issues: loaded.issues,
    warnings: loaded.warnings,
    legacyIssues: [],
  });
}
