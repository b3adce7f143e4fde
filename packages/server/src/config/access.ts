import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { scopes } from "@openclaw-gateway/protocol";
import { isLoopbackAddress } from "../auth/address.ts";
import type { SharedAuth } from "../auth/shared-secret.ts";
import { errorCode } from "../platform/error-code.ts";
import { createPrivateFile, makePrivateFolder, writePrivateFile } from "../platform/private-file.ts";
import { Secret } from "../platform/secret.ts";
import { ConfigError, type LoadedConfig } from "./load.ts";
import type { StatePaths } from "./paths.ts";

/** Generated tokens begin with it, so that a token pasted in the wrong place can be named. */
const tokenPrefix = "ocg_";

export type Access = {
  auth: SharedAuth;
  /** `created` on the very first start: nobody has seen the token yet. */
  origin: "configured" | "stored" | "created";
};

/**
 * The secret clients must show. Where neither file nor environment names one, a token is made and kept: in a new
 * `openclaw.json` when there is none, else beside it, because a file somebody wrote is not ours to edit.
 */
export async function ensureAccess(loaded: LoadedConfig, paths: StatePaths, host: string): Promise<Access> {
  const { auth = {} } = loaded.config.gateway ?? {};
  const mode = auth.mode ?? (auth.token === undefined && auth.password !== undefined ? "password" : "token");
  const refuse = (path: string, message: string): ConfigError => new ConfigError(loaded.path, [{ path, message }]);
  if (mode === "none") {
    if (isLoopbackHost(host)) return { auth: { mode }, origin: "configured" };
    throw refuse(
      "gateway.auth.mode",
      `"none" is only possible while the gateway is bound to this machine, not to ${host}; set gateway.bind to "loopback" or choose "token"`,
    );
  }
  if (mode === "trusted-proxy") return { auth: await proxyAuth(loaded, paths, refuse), origin: "configured" };
  if (mode === "password") {
    if (auth.password) return { auth: { mode, secret: auth.password }, origin: "configured" };
    throw refuse(
      "gateway.auth.password",
      'is missing although gateway.auth.mode is "password"; set it, or set OPENCLAW_GATEWAY_PASSWORD',
    );
  }
  if (auth.token) return { auth: { mode, secret: auth.token }, origin: "configured" };
  const stored = await readStoredToken(paths);
  if (stored) return { auth: { mode, secret: stored }, origin: "stored" };
  const token = newToken();
  await makePrivateFolder(paths.stateDir);
  const isInConfig = !loaded.exists && (await createConfig(loaded.path, token));
  if (!isInConfig) await writePrivateFile(paths.tokenPath, `${token}\n`);
  return { auth: { mode, secret: new Secret(token) }, origin: "created" };
}

/** What a trusted proxy's users may do, unless the configuration says: with a list of users, everything. */
const scopesOfAnybody = ["operator.read", "operator.write", "operator.approvals", "operator.questions"] as const;

async function proxyAuth(
  loaded: LoadedConfig,
  paths: StatePaths,
  refuse: (path: string, message: string) => ConfigError,
): Promise<SharedAuth> {
  const { auth = {}, trustedProxies = [] } = loaded.config.gateway ?? {};
  const { trustedProxy } = auth;
  if (!trustedProxy) {
    throw refuse(
      "gateway.auth.trustedProxy",
      'is missing although gateway.auth.mode is "trusted-proxy"; set userHeader in it',
    );
  }
  if (trustedProxies.length === 0) {
    throw refuse(
      "gateway.trustedProxies",
      'is empty although gateway.auth.mode is "trusted-proxy"; list the addresses of the proxy',
    );
  }
  if (!trustedProxy.secret && trustedProxies.some((address) => isLoopbackHost(address))) {
    throw refuse(
      "gateway.auth.trustedProxy.secret",
      "is missing although the proxy is on this machine, where any program could pass for it; set it, and let the proxy send it",
    );
  }
  const {
    userHeader,
    requiredHeaders = [],
    allowUsers = [],
    secret,
    secretHeader = "x-openclaw-proxy-secret",
  } = trustedProxy;
  return {
    mode: "trusted-proxy",
    // Clients on this machine, the command line first, come without the proxy.
    secret: auth.token ?? (await storedOrNewToken(paths)),
    proxy: {
      userHeader: userHeader.toLowerCase(),
      requiredHeaders: requiredHeaders.map((name) => name.toLowerCase()),
      allowUsers,
      secret,
      secretHeader: secretHeader.toLowerCase(),
      scopes: trustedProxy.scopes ?? (allowUsers.length > 0 ? scopes : scopesOfAnybody),
    },
  };
}

async function storedOrNewToken(paths: StatePaths): Promise<Secret> {
  const stored = await readStoredToken(paths);
  if (stored) return stored;
  const token = newToken();
  await makePrivateFolder(paths.stateDir);
  await writePrivateFile(paths.tokenPath, `${token}\n`);
  return new Secret(token);
}

const newToken = (): string => tokenPrefix + randomBytes(32).toString("base64url");

/** The first configuration; false where its folder takes no new file, as in a container that mounts it read-only. */
async function createConfig(path: string, token: string): Promise<boolean> {
  const content = { gateway: { mode: "local", auth: { mode: "token", token } } };
  try {
    await createPrivateFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    if (code !== "EEXIST") return false;
    throw new ConfigError(path, [
      {
        path: "",
        message: "appeared while the gateway was starting, or is a link to nothing; start again, or remove the link",
      },
    ]);
  }
}

/** The token that an earlier start made for a configuration without one. */
export async function readStoredToken({ tokenPath }: StatePaths): Promise<Secret | undefined> {
  const text = await readFile(tokenPath, "utf8").catch((error: unknown) => {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    // A new token in its place would lock out everybody who has the old one.
    throw new ConfigError(tokenPath, [
      { path: "", message: `cannot be read (${code ?? String(error)}); check its permissions` },
    ]);
  });
  return text.trim() === "" ? undefined : new Secret(text.trim());
}

const isLoopbackHost = (host: string): boolean => host === "localhost" || isLoopbackAddress(host);
