import { createHash } from "node:crypto";
import { type ConfigIssue, redactedMark } from "@openclaw-gateway/protocol";
import JSON5 from "json5";
import { overrideFromEnvironment } from "./environment-overrides.ts";
import { createLocator, formatPath } from "./locate.ts";
import type { Environment } from "./paths.ts";
import { readConfigFile } from "./read-file.ts";
import { GatewayConfig } from "./schema.ts";
import { resolveSecrets, type SecretMemory } from "./secret-references.ts";
import { substituteEnvironment } from "./substitute.ts";
import { findUnknownKeys } from "./unknown-keys.ts";

/** An issue with the place a person can go to; lines and columns count from 1. */
export type LocatedIssue = ConfigIssue & { line?: number; column?: number };

/** A configuration file as it was read. `config` has environment values and overrides in it and secrets wrapped. */
export type LoadedConfig = {
  path: string;
  exists: boolean;
  raw: string | undefined;
  /** As written: no substitution, no overrides. */
  parsed: unknown;
  valid: boolean;
  config: GatewayConfig;
  /** SHA-256 of the file, lower-case hex. */
  hash: string | undefined;
  issues: LocatedIssue[];
  /** Keys that this version does not know. */
  warnings: LocatedIssue[];
  /** Fields whose secret could not be read again; the last good one stands in for it. */
  staleSecrets: LocatedIssue[];
};

/** The configuration cannot be used. Carries every issue with its place. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly path: string;
  readonly issues: readonly LocatedIssue[];
  constructor(path: string, issues: readonly LocatedIssue[]) {
    super(issues.map((issue) => formatIssue(path, issue)).join("\n"));
    this.path = path;
    this.issues = issues;
  }
}

/** `path:line: key: what is wrong`, as editors and people read it. */
export function formatIssue(file: string, { path, message, line }: LocatedIssue): string {
  return `${file}${line === undefined ? "" : `:${line}`}: ${path === "" ? "" : `${path}: `}${message}`;
}

/** Levels of objects and arrays in one file; readers of the configuration walk it by recursion. */
const maxDepth = 64;

/** Reads, parses and checks the file. Never throws for what is in it: `valid` and `issues` say. */
export async function loadConfig(
  path: string,
  environment: Environment,
  secrets?: SecretMemory,
): Promise<LoadedConfig> {
  const bytes = await readConfigFile(path).catch((error: unknown) => {
    throw new ConfigError(path, [{ path: "", message: error instanceof Error ? error.message : String(error) }]);
  });
  return readConfigBytes(path, bytes, environment, secrets);
}

/** SHA-256 of the file, lower-case hex; undefined where there is none. */
export const hashConfig = (bytes: Buffer | undefined): string | undefined =>
  bytes && createHash("sha256").update(bytes).digest("hex");

/** What a file of this content would be. Of the disk only what references to secrets lead to is read. */
export async function readConfigBytes(
  path: string,
  bytes: Buffer | undefined,
  environment: Environment,
  secrets?: SecretMemory,
): Promise<LoadedConfig> {
  const hash = hashConfig(bytes);
  const { raw, parsed, issue } = parse(bytes);
  return {
    path,
    exists: bytes !== undefined,
    raw,
    hash,
    parsed,
    ...(await check(parsed, issue, raw ?? "", environment, secrets)),
  };
}

type Parsed = { raw: string | undefined; parsed: unknown; issue?: LocatedIssue };

function parse(bytes: Buffer | undefined): Parsed {
  if (bytes === undefined) return { raw: undefined, parsed: {} };
  const raw = decodeUtf8(bytes);
  if (raw === undefined)
    return { raw, parsed: undefined, issue: { path: "", message: "is not UTF-8 text; save it in that encoding" } };
  if (raw.trim() === "") return { raw, parsed: {} };
  try {
    const parsed: unknown = JSON5.parse(raw);
    if (!isDeeperThan(parsed, maxDepth)) return { raw, parsed };
    return { raw, parsed: undefined, issue: { path: "", message: `is nested deeper than ${maxDepth} levels` } };
  } catch (error) {
    const position = (name: string): number | undefined => {
      const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined;
      return typeof value === "number" ? value : undefined;
    };
    const [line, column] = [position("lineNumber"), position("columnNumber")];
    const message = `not valid JSON5: ${error instanceof Error ? error.message.replace(/^JSON5: /, "") : String(error)}`;
    return {
      raw,
      parsed: undefined,
      issue: { path: "", message, ...(line !== undefined && { line }), ...(column !== undefined && { column }) },
    };
  }
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  let level: unknown[] = [value];
  for (let at = 0; at <= depth; at++) {
    level = level.flatMap((member) => (typeof member === "object" && member !== null ? Object.values(member) : []));
    if (level.length === 0) return false;
  }
  return true;
}

async function check(
  parsed: unknown,
  unreadable: LocatedIssue | undefined,
  raw: string,
  environment: Environment,
  secrets?: SecretMemory,
) {
  if (unreadable) return { valid: false, config: {}, issues: [unreadable], warnings: [], staleSecrets: [] };
  const found: ConfigIssue[] = [];
  refuseMarks(parsed, found);
  const substituted = substituteEnvironment(parsed, environment, found);
  const resolved = await resolveSecrets(substituted, environment, found, secrets);
  const result = GatewayConfig.safeParse(resolved.value);
  if (!result.success) {
    for (const issue of result.error.issues) found.push({ path: formatPath(issue.path), message: issue.message });
  }
  const config = overrideFromEnvironment(result.success ? result.data : {}, environment, found);
  const lineOf = createLocator(raw);
  const locate = (issue: ConfigIssue): LocatedIssue => {
    const line = lineOf(issue.path);
    return { ...issue, ...(line !== undefined && { line }) };
  };
  const warnings = findUnknownKeys(GatewayConfig, parsed).map((path) => ({
    path,
    message: "not known to this version; kept as it is",
  }));
  return {
    valid: found.length === 0,
    config,
    issues: found.map(locate),
    warnings: warnings.map(locate),
    staleSecrets: resolved.stale.map(locate),
  };
}

/** A redacted copy that was saved as the file: everybody knows the mark, so it must not become anybody's secret. */
function refuseMarks(value: unknown, issues: ConfigIssue[], path: readonly PropertyKey[] = []): void {
  if (typeof value === "string" && value.includes(redactedMark)) {
    issues.push({
      path: formatPath(path),
      message: `holds ${redactedMark}, which only stands for a secret; write the secret itself, or a \${NAME} from the environment`,
    });
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value))
    refuseMarks(member, issues, [...path, Array.isArray(value) ? Number(key) : key]);
}
