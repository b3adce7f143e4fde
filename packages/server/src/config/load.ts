import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ConfigIssue } from "@openclaw-gateway/protocol";
import JSON5 from "json5";
import { Secret } from "../platform/secret.ts";
import { lineOf } from "./locate.ts";
import type { Environment } from "./paths.ts";
import { authModes, GatewayConfig } from "./schema.ts";
import { substituteEnvironment } from "./substitute.ts";
import { findUnknownKeys } from "./unknown-keys.ts";

/** An issue with the place a person can go to; lines count from 1. */
export type LocatedIssue = ConfigIssue & { line?: number };

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

/** Reads, parses and checks the file. Never throws for what is in it: `valid` and `issues` say. */
export async function loadConfig(path: string, environment: Environment): Promise<LoadedConfig> {
  const raw = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new ConfigError(path, [{ path: "", message: `cannot be read (${error.code ?? error.message}); check its permissions` }]);
  });
  const hash = raw === undefined ? undefined : createHash("sha256").update(raw, "utf8").digest("hex");
  const { parsed, issue } = parse(raw);
  return { path, exists: raw !== undefined, raw, hash, parsed, ...check(parsed, issue, raw ?? "", environment) };
}

function parse(raw: string | undefined): { parsed: unknown; issue?: LocatedIssue } {
  if (raw === undefined || raw.trim() === "") return { parsed: {} };
  try {
    return { parsed: JSON5.parse(raw) };
  } catch (error) {
    const line: unknown = error instanceof Error ? Reflect.get(error, "lineNumber") : undefined;
    const message = `not valid JSON5: ${error instanceof Error ? error.message.replace(/^JSON5: /, "") : String(error)}`;
    return { parsed: undefined, issue: { path: "", message, ...(typeof line === "number" && { line }) } };
  }
}

function check(parsed: unknown, syntax: LocatedIssue | undefined, raw: string, environment: Environment) {
  const found: ConfigIssue[] = syntax ? [syntax] : [];
  const resolved = syntax ? {} : substituteEnvironment(parsed, environment, found);
  const result = GatewayConfig.safeParse(resolved);
  if (!result.success) {
    for (const issue of result.error.issues) found.push({ path: toPath(issue.path), message: issue.message });
  }
  const config = result.success ? result.data : {};
  overrideFromEnvironment(config, environment, found);
  const locate = (issue: ConfigIssue): LocatedIssue => {
    const line = "line" in issue && typeof issue["line"] === "number" ? issue["line"] : lineOf(raw, issue.path);
    return { ...issue, ...(line !== undefined && { line }) };
  };
  const warnings = syntax ? [] : findUnknownKeys(GatewayConfig, parsed).map((path) => ({ path, message: "not known to this version; kept as it is" }));
  return { valid: found.length === 0, config, issues: found.map(locate), warnings: warnings.map(locate) };
}

const toPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`), "");

/** Environment variables win over the file. */
function overrideFromEnvironment(config: GatewayConfig, environment: Environment, issues: ConfigIssue[]): void {
  const { OPENCLAW_GATEWAY_PORT: port, OPENCLAW_GATEWAY_TOKEN: token, OPENCLAW_GATEWAY_PASSWORD: password, OPENCLAW_GATEWAY_BIND: bind, OPENCLAW_GATEWAY_AUTH: auth, OPENCLAW_LOG_LEVEL: level } = environment;
  if (port) {
    const number = Number(port);
    if (Number.isInteger(number) && number >= 0 && number <= 65_535) config.gateway = { ...config.gateway, port: number };
    else issues.push({ path: "OPENCLAW_GATEWAY_PORT", message: `must be a port number from 0 to 65535, not ${JSON.stringify(port)}` });
  }
  if (bind) config.gateway = { ...config.gateway, bind };
  if (token) config.gateway = { ...config.gateway, auth: { ...config.gateway?.auth, token: new Secret(token) } };
  if (password) config.gateway = { ...config.gateway, auth: { ...config.gateway?.auth, password: new Secret(password) } };
  if (auth) {
    const parsed = authModes.safeParse(auth);
    if (parsed.success) config.gateway = { ...config.gateway, auth: { ...config.gateway?.auth, mode: parsed.data } };
    else issues.push({ path: "OPENCLAW_GATEWAY_AUTH", message: "must be one of token, password, none" });
  }
  if (level) {
    const parsed = GatewayConfig.shape.logging.safeParse({ level });
    if (parsed.success) config.logging = { ...config.logging, ...parsed.data };
    else issues.push({ path: "OPENCLAW_LOG_LEVEL", message: "must be one of silent, fatal, error, warn, info, debug, trace" });
  }
}
