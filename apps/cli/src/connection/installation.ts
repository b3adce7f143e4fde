import { readFile } from "node:fs/promises";
import {
  expandPath,
  resolveStatePaths,
  type StatePaths,
  substituteEnvironment,
} from "@openclaw-gateway/server/installation";
import type { Environment, GlobalOptions } from "../context.ts";

/** What the commands read of `openclaw.json`. The gateway checks the whole file; here wrong types count as absent. */
export type FileSettings = {
  mode?: string;
  port?: number;
  host?: string;
  auth: Credentials & { mode?: string };
  remote: Credentials & { url?: string; tlsFingerprint?: string };
  tls: { enabled: boolean; certPath?: string };
};
export type Credentials = { token?: string; password?: string };

/** The installation on this machine, as far as it can be seen without asking its gateway. */
export type Installation = {
  paths: StatePaths;
  file: FileSettings;
  /** The token the gateway made for itself. */
  storedToken: string | undefined;
  /** SHA-256 of the certificate that the gateway of this state folder shows; undefined while it speaks no TLS. */
  ownFingerprint: string | undefined;
  /** Where the gateway of this state folder listens, while it runs. */
  runningUrl: string | undefined;
  /** Why the file was left aside. */
  problem: string | undefined;
};

/** The environment with the flags that stand for variables put over it. */
export function withFlags(environment: Environment, { stateDir, config }: GlobalOptions): Environment {
  return {
    ...environment,
    ...(stateDir === undefined ? {} : { OPENCLAW_STATE_DIR: stateDir }),
    ...(config === undefined ? {} : { OPENCLAW_CONFIG_PATH: config }),
  };
}

export async function readInstallation(environment: Environment): Promise<Installation> {
  const paths = resolveStatePaths(environment);
  const [config, token, holder] = await Promise.all([
    readText(paths.configPath),
    readText(paths.tokenPath),
    readText(`${paths.lockPath}.json`),
  ]);
  const known = { paths, storedToken: token.text?.trim() || undefined, runningUrl: urlOfLiving(holder.text) };
  const { parsed, problem } = await parseConfig(config, paths);
  const { value, unresolved } = await withoutReferences(parsed, environment);
  const file = pickSettings(value, environment);
  return {
    ...known,
    file,
    problem: problem ?? unresolved,
    ownFingerprint: await fingerprintOf(file, paths, environment),
  };
}

async function parseConfig(
  { text, problem }: { text?: string; problem?: string },
  { configPath }: StatePaths,
): Promise<{ parsed: unknown; problem: string | undefined }> {
  if (text === undefined) return { parsed: {}, problem };
  try {
    return { parsed: await parse(text), problem: undefined };
  } catch {
    const what = "is not valid JSON5 and is left aside; `openclaw gateway run` says where it is wrong";
    return { parsed: {}, problem: `${configPath} ${what}` };
  }
}

/** Secrets of the connection that are written as references; only files with such pay for what finds them. */
async function withoutReferences(
  parsed: unknown,
  environment: Environment,
): Promise<{ value: unknown; unresolved?: string }> {
  const gateway = member(parsed, "gateway");
  let unresolved: string | undefined;
  const found = { auth: { ...asObject(member(gateway, "auth")) }, remote: { ...asObject(member(gateway, "remote")) } };
  for (const [group, fields] of Object.entries(found)) {
    for (const name of ["token", "password"]) {
      const given = fields[name];
      const isReference = typeof given === "object" || (typeof given === "string" && /^\$[A-Z]/.test(given));
      if (given === null || !isReference) continue;
      const { resolveSecret } = await import("@openclaw-gateway/server");
      try {
        fields[name] = await resolveSecret(given, member(parsed, "secrets"), environment);
      } catch (error) {
        fields[name] = undefined;
        unresolved ??= `gateway.${group}.${name}: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
  }
  const value = { ...asObject(parsed), gateway: { ...asObject(gateway), ...found } };
  return { value, ...(unresolved === undefined ? {} : { unresolved }) };
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

async function fingerprintOf(
  { tls }: FileSettings,
  { tlsCertPath }: StatePaths,
  environment: Environment,
): Promise<string | undefined> {
  if (!tls.enabled) return undefined;
  const { text } = await readText(tls.certPath === undefined ? tlsCertPath : expandPath(tls.certPath, environment));
  if (text === undefined) return undefined;
  try {
    const { X509Certificate } = process.getBuiltinModule("node:crypto");
    return new X509Certificate(text).fingerprint256.replaceAll(":", "").toLowerCase();
  } catch {
    return undefined;
  }
}

/** The gateway that holds the folder notes where it listens; the note of one that died counts for nothing. */
function urlOfLiving(holder: string | undefined): string | undefined {
  try {
    const { pid, url }: { pid?: unknown; url?: unknown } = JSON.parse(holder ?? "{}");
    return typeof pid === "number" && typeof url === "string" && isAlive(pid) ? url : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives, but belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function readText(path: string): Promise<{ text?: string; problem?: string }> {
  try {
    return { text: await readFile(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return code === "ENOENT" || code === "ENOTDIR" ? {} : { problem: `${path} cannot be read (${code})` };
  }
}

async function parse(text: string): Promise<unknown> {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    // Comments and the rest of JSON5: only files that use them pay for the parser.
    const { default: JSON5 } = await import("json5");
    return JSON5.parse(text);
  }
}

export function pickSettings(parsed: unknown, environment: Environment): FileSettings {
  const gateway = member(parsed, "gateway");
  const auth = member(gateway, "auth");
  const remote = member(gateway, "remote");
  const tls = member(gateway, "tls");
  const text = (value: unknown): string | undefined => {
    if (typeof value !== "string" || value === "") return undefined;
    const missing: { path: string; message: string }[] = [];
    const resolved = substituteEnvironment(value, environment, missing);
    return missing.length > 0 || typeof resolved !== "string" ? undefined : resolved;
  };
  const port = member(gateway, "port");
  const bind = text(member(gateway, "bind"));
  const host = bind === "custom" ? text(member(gateway, "customBindHost")) : bind;
  return compact<FileSettings>({
    mode: text(member(gateway, "mode")),
    port: typeof port === "number" && Number.isInteger(port) ? port : undefined,
    host: host !== undefined && isHost(host) ? host : undefined,
    auth: compact<FileSettings["auth"]>({
      mode: text(member(auth, "mode")),
      token: text(member(auth, "token")),
      password: text(member(auth, "password")),
    }),
    remote: compact<FileSettings["remote"]>({
      url: text(member(remote, "url")),
      token: text(member(remote, "token")),
      password: text(member(remote, "password")),
      tlsFingerprint: text(member(remote, "tlsFingerprint")),
    }),
    tls: compact<FileSettings["tls"]>({
      enabled: member(tls, "enabled") === true,
      certPath: text(member(tls, "certPath")),
    }),
  });
}

/** Modes such as `loopback` or `lan`, and addresses that mean every interface, are reached through loopback. */
const isHost = (bind: string): boolean => /[.:]/.test(bind) && bind !== "0.0.0.0" && bind !== "::";

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

type Loose<T> = { [K in keyof T]: T[K] | undefined };
const compact = <T extends object>(value: Loose<T>): T =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
