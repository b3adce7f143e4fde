import { type ConnectParams, coversScopes, type GatewayError, type Role } from "@openclaw-gateway/protocol";
import type { Peer } from "../transport/transport.ts";
import { limiterAddress } from "./address.ts";
import { deviceTokenPrefix } from "./device-tokens.ts";
import type { Devices } from "./devices.ts";
import type { Grant } from "./grant.ts";
import { createInTurn } from "../platform/in-turn.ts";
import type { CredentialKind } from "./pairing-rules.ts";
import type { AuthRateLimiter } from "./rate-limiter.ts";
import { refusals } from "./refusals.ts";
import { everyScope } from "./scopes-of.ts";
import { checkSecret, fingerprintOf, nameWrongKind, secretKindOf, type SharedAuth } from "./shared-secret.ts";
import { tailnetUser, type Whois } from "./tailscale.ts";
import { isTrustedProxy, proxiedUser } from "./trusted-proxy.ts";

export type CredentialSettings = {
  auth: SharedAuth;
  /** `gateway.auth.localBypass`: this machine needs no secret. */
  localBypass: boolean;
  /** `gateway.auth.allowTailscale`: users of the tailnet need no secret. */
  allowTailscale: boolean;
  /** Addresses of reverse proxies whose forwarding headers count. */
  trustedProxies: readonly string[];
};

/** What let a caller in, and what it allows at most. */
export type Credential = {
  kind: CredentialKind;
  granted: readonly string[];
  /** Who somebody else vouches for. */
  user?: string;
  /** Whose token was shown, when nothing else says which device it is. */
  deviceId?: string;
  codeHash?: string;
  shownToken?: string;
  /** Whether the settings still allow what this credential was let in for. Tokens of devices are taken away by `Devices`. */
  grant: Grant;
};

const always: Grant = { holds: () => true };

type Shown = Pick<ConnectParams, "auth" | "client" | "device"> & {
  /** The token of an HTTP request, where no key can be proved: it may be a device's own. */
  bearer?: string;
};

/**
 * Looks at what a client shows: the shared secret, a user whom a proxy or the tailnet vouches for, a device token, a
 * one-time code. Each is counted by address and kind before it is looked at. Answers at once where no disk is needed.
 */
export function createCredentials(deps: {
  settings: () => CredentialSettings;
  limiter: AuthRateLimiter;
  devices: Devices;
  whois: Whois;
}) {
  const { settings, limiter, devices, whois } = deps;
  // Guesses of one address are looked at one by one, or many sent at once would all pass before the first is counted.
  const inTurn = createInTurn();

  const keyOf = (peer: Peer, kind: string): string =>
    `${limiterAddress(peer.address)}|${peer.headers.origin === undefined ? "direct" : "browser"}|${kind}`;

  function mustNotBeBlocked(key: string): void {
    const blockedForMs = limiter.blockedForMs(key);
    if (blockedForMs > 0) throw refusals.rateLimited(blockedForMs);
  }

  /** Callers of this machine that need to show nothing. */
  function isOpenTo(peer: Peer, isLocal: boolean): boolean {
    const { auth, localBypass } = settings();
    return isLocal && (auth.mode === "none" || (localBypass && peer.headers.origin === undefined));
  }

  function grantOfSecret(peer: Peer, isLocal: boolean): Grant {
    const fingerprint = fingerprintOf(settings().auth);
    return { holds: () => fingerprintOf(settings().auth) === fingerprint || isOpenTo(peer, isLocal) };
  }

  /** The proxy is still one, still shows its secret, lets the same user through and allows them no less. */
  function holdsByProxy(peer: Peer, user: string, granted: readonly string[]): boolean {
    const { auth, trustedProxies } = settings();
    if (auth.mode !== "trusted-proxy" || !isTrustedProxy(peer, trustedProxies)) return false;
    try {
      return proxiedUser(auth.proxy, peer) === user && coversScopes(auth.proxy.scopes, granted);
    } catch {
      return false;
    }
  }

  function check(shown: Shown, peer: Peer, role: Role, isLocal: boolean): Credential | Promise<Credential> {
    const { auth, allowTailscale } = settings();
    const token = shown.auth?.token ?? peer.urlToken;
    const password = shown.auth?.password;
    const secretKey = keyOf(peer, "shared");
    const hasOtherWays =
      auth.mode === "trusted-proxy" ||
      (allowTailscale && peer.tailnet !== undefined) ||
      isDeviceToken(shown.bearer) ||
      (shown.device !== undefined && Boolean(shown.auth?.deviceToken ?? shown.auth?.bootstrapToken ?? token));
    const isOpen = isOpenTo(peer, isLocal);
    const blockedForMs = limiter.blockedForMs(secretKey);
    if (blockedForMs > 0 && !hasOtherWays && !isOpen) throw refusals.rateLimited(blockedForMs);
    const outcome = blockedForMs > 0 ? "blocked" : checkSecret(auth, { token, password });
    if (outcome === "match") {
      limiter.succeeded(secretKey);
      return { kind: "shared", granted: everyScope, grant: grantOfSecret(peer, isLocal) };
    }
    if (isOpen) return { kind: "local", granted: everyScope, grant: { holds: () => isOpenTo(peer, isLocal) } };
    if (!hasOtherWays) {
      if (outcome === "mismatch") limiter.failed(secretKey);
      throw refusalOf(false);
    }
    return inTurn(secretKey, async () => {
      let credential: Credential | undefined;
      try {
        credential = await checkOthers(shown, token, peer, role);
      } finally {
        if (!credential && outcome === "mismatch") limiter.failed(secretKey);
      }
      if (credential) return credential;
      throw outcome === "blocked" ? refusals.rateLimited(blockedForMs) : refusalOf(await canRetry());
    });

    function refusalOf(canRetryWithDeviceToken: boolean): GatewayError {
      if (auth.mode === "none") return refusals.notFromHere();
      if (!shown.device && !token && !password) return refusals.deviceIdentityRequired();
      const kind = secretKindOf(auth);
      const why = outcome === "mismatch" ? "mismatch" : "missing";
      const wrongKind = nameWrongKind(kind === "password" ? password : token);
      return refusals.secret(kind, why, shown.client, { canRetryWithDeviceToken, wrongKind });
    }

    async function canRetry(): Promise<boolean> {
      if (!shown.device || shown.auth?.deviceToken !== undefined) return false;
      return devices.hasToken(shown.device.id, role);
    }
  }

  /** Undefined when nothing was shown but what might be the shared secret. */
  async function checkOthers(
    shown: Shown,
    token: string | undefined,
    peer: Peer,
    role: Role,
  ): Promise<Credential | undefined> {
    const { auth, allowTailscale } = settings();
    const { device } = shown;
    if (auth.mode === "trusted-proxy" && peer.via) {
      const key = keyOf(peer, "proxy");
      mustNotBeBlocked(key);
      return counted(key, async () => {
        const user = proxiedUser(auth.proxy, peer);
        const granted = auth.proxy.scopes;
        return { kind: "trusted-proxy", granted, user, grant: { holds: () => holdsByProxy(peer, user, granted) } };
      });
    }
    if (device) {
      const { deviceToken, bootstrapToken } = shown.auth ?? {};
      const shownToken = deviceToken ?? token;
      if (shownToken) {
        const key = keyOf(peer, "device-token");
        mustNotBeBlocked(key);
        if (await devices.isToken(device.id, role, shownToken)) {
          limiter.succeeded(key);
          return { kind: "device-token", granted: everyScope, shownToken, grant: always };
        }
        limiter.failed(key);
        if (deviceToken !== undefined) throw refusals.deviceToken();
      }
      if (bootstrapToken) {
        const key = keyOf(peer, "bootstrap");
        mustNotBeBlocked(key);
        return counted(key, async () => {
          const code = await devices.code(bootstrapToken);
          if (!code || code.role !== role) throw refusals.bootstrap();
          return { kind: "bootstrap", granted: code.scopes, codeHash: code.hash, grant: always };
        });
      }
    }
    const { bearer } = shown;
    if (isDeviceToken(bearer)) {
      const key = keyOf(peer, "device-token");
      mustNotBeBlocked(key);
      return counted(key, async () => {
        const owner = await devices.tokenOwner(role, bearer);
        if (!owner) throw refusals.deviceToken();
        return { kind: "device-token", granted: owner.scopes, deviceId: owner.deviceId, grant: always };
      });
    }
    if (allowTailscale && peer.tailnet) {
      const key = keyOf(peer, "tailscale");
      mustNotBeBlocked(key);
      return counted(key, async () => ({
        kind: "tailscale",
        granted: everyScope,
        user: await tailnetUser(peer, whois),
        grant: { holds: () => settings().allowTailscale },
      }));
    }
    if (auth.mode === "trusted-proxy" && !shown.device && !token) throw refusals.proxy("untrusted");
    return undefined;
  }

  async function counted(key: string, work: () => Promise<Credential>): Promise<Credential> {
    try {
      const credential = await work();
      limiter.succeeded(key);
      return credential;
    } catch (error) {
      limiter.failed(key);
      throw error;
    }
  }

  return { check };
}

const isDeviceToken = (shown: string | undefined): shown is string => shown?.startsWith(deviceTokenPrefix) ?? false;
export type Credentials = ReturnType<typeof createCredentials>;
