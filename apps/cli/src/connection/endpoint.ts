import { normalizeTlsFingerprint } from "@openclaw-gateway/client";
import { parseAddress } from "@openclaw-gateway/client/core";
import { limits } from "@openclaw-gateway/protocol/wire";
import { CommandError } from "../exit-codes.ts";
import type { Environment, GlobalOptions } from "../context.ts";
import type { Credentials, FileSettings, Installation } from "./installation.ts";

/** Where to connect and with what, and who said so. */
export type Endpoint = Credentials & {
  url: string;
  urlSource: string;
  /** Undefined when no secret was found. */
  credentialSource: string | undefined;
  /** The gateway of this installation, as opposed to an address somebody named. */
  isOwn: boolean;
  /** SHA-256 of the certificate it must show, lower-case hex. */
  tlsFingerprint?: string;
};

type Found = Credentials & { source: string };

/** Flags win over environment, environment over files. */
export function resolveEndpoint(
  flags: Pick<GlobalOptions, "url" | "token" | "password" | "tlsFingerprint">,
  environment: Environment,
  { file, storedToken, runningUrl, ownFingerprint, paths }: Omit<Installation, "problem">,
): Endpoint {
  const address = chooseAddress(flags, environment, file, runningUrl);
  const { url, token: addressToken } = readAddress(address.url, address.source);
  const isOfThisMachine = address.kind === "own" || (address.kind === "named" && isLoopback(url));
  const candidates: Found[] = [
    found("--token or --password", flags.token, flags.password),
    found(`the address in ${address.source}`, addressToken),
    found(
      "the environment",
      environment["OPENCLAW_GATEWAY_TOKEN"]?.trim() || environment["OPENCLAW_AUTH_TOKEN"]?.trim(),
      environment["OPENCLAW_GATEWAY_PASSWORD"],
    ),
  ];
  if (address.kind === "remote") {
    candidates.push(found(`gateway.remote in ${paths.configPath}`, file.remote.token, file.remote.password));
  }
  // The secrets of this installation go to this machine only, never to an address that somebody else may have written.
  if (isOfThisMachine) {
    candidates.push(found(`gateway.auth in ${paths.configPath}`, file.auth.token, file.auth.password));
    candidates.push(found(paths.tokenPath, storedToken));
  }
  const tlsFingerprint = choosePin(url, [
    ["--tls-fingerprint", flags.tlsFingerprint],
    ["gateway.remote.tlsFingerprint", address.kind === "remote" ? file.remote.tlsFingerprint : undefined],
    ["the certificate of this installation", isOfThisMachine && url.startsWith("wss:") ? ownFingerprint : undefined],
  ]);
  const chosen = candidates.find(({ token, password }) => token !== undefined || password !== undefined);
  return {
    url,
    urlSource: address.source,
    isOwn: address.kind === "own",
    credentialSource: chosen?.source,
    ...(tlsFingerprint === undefined ? {} : { tlsFingerprint }),
    ...(chosen?.token === undefined ? {} : { token: chosen.token }),
    ...(chosen?.password === undefined ? {} : { password: chosen.password }),
  };
}

/** The first that is named. A pin for a peer without TLS would be a promise that nobody keeps. */
function choosePin(url: string, candidates: readonly (readonly [string, string | undefined])[]): string | undefined {
  const [source, text] = candidates.find(([, given]) => given !== undefined) ?? [];
  if (source === undefined || text === undefined) return undefined;
  if (!url.startsWith("wss:")) {
    throw new CommandError("usage", `${source} needs a wss:// address, not ${url}`, {
      fix: "write the address with wss://, or leave the fingerprint out",
    });
  }
  try {
    return normalizeTlsFingerprint(text);
  } catch (cause) {
    throw new CommandError("usage", `${source}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

type Choice = { url: string; source: string; kind: "named" | "remote" | "own" };

function chooseAddress(
  flags: Pick<GlobalOptions, "url">,
  environment: Environment,
  file: FileSettings,
  runningUrl: string | undefined,
): Choice {
  const { OPENCLAW_GATEWAY_URL, OPENCLAW_GATEWAY_PORT } = environment;
  if (flags.url !== undefined) return { url: flags.url, source: "--url", kind: "named" };
  if (OPENCLAW_GATEWAY_URL?.trim()) return { url: OPENCLAW_GATEWAY_URL, source: "OPENCLAW_GATEWAY_URL", kind: "named" };
  const host = file.host ?? "127.0.0.1";
  const scheme = file.tls.enabled ? "wss" : "ws";
  const local = (port: number | string): string => `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (OPENCLAW_GATEWAY_PORT?.trim()) {
    return { url: local(OPENCLAW_GATEWAY_PORT.trim()), source: "OPENCLAW_GATEWAY_PORT", kind: "own" };
  }
  if (file.remote.url !== undefined && file.mode !== "local") {
    return { url: file.remote.url, source: "gateway.remote.url", kind: "remote" };
  }
  // It may have been started with another port than the file says.
  if (runningUrl !== undefined) return { url: runningUrl, source: "the running gateway", kind: "own" };
  if (file.port !== undefined) return { url: local(file.port), source: "gateway.port", kind: "own" };
  return { url: local(limits.defaultPort), source: "the default", kind: "own" };
}

function readAddress(text: string, source: string): { url: string; token: string | undefined } {
  try {
    return parseAddress(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const fix = "write it as ws://host:port or https://host/path";
    throw new CommandError("usage", `${source}: ${message}`, { fix, cause });
  }
}

function found(source: string, token: string | undefined, password?: string): Found {
  return { source, ...(token ? { token } : {}), ...(password ? { password } : {}) };
}

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
