import { createHmac, randomBytes } from "node:crypto";
import type { Secret } from "../platform/secret.ts";
import { deviceTokenPrefix } from "./device-tokens.ts";
import type { SecretKind } from "./refusals.ts";
import type { TrustedProxyAuth } from "./trusted-proxy.ts";

/** How clients show that they may connect. */
export type SharedAuth =
  /** The one secret all trusted clients share. */
  | { mode: SecretKind; secret: Secret }
  /** Nothing, on a gateway that only its own machine reaches. */
  | { mode: "none" }
  /** A proxy says who it is; clients on this machine use the token. */
  | { mode: "trusted-proxy"; secret: Secret; proxy: TrustedProxyAuth };

export type ShownSecrets = { token?: string | undefined; password?: string | undefined };

/** Which of the two secrets this gateway asks for. */
export const secretKindOf = (auth: SharedAuth): SecretKind => (auth.mode === "password" ? "password" : "token");

/** Compares in constant time; an empty secret is none. */
export function checkSecret(auth: SharedAuth, shown: ShownSecrets): "match" | "missing" | "mismatch" {
  if (auth.mode === "none") return "missing";
  const candidate = auth.mode === "password" ? shown.password : shown.token;
  if (candidate === undefined || candidate === "") return "missing";
  return auth.secret.equals(candidate) ? "match" : "mismatch";
}

/** Of this process only, so that a fingerprint says nothing anywhere else. */
const fingerprintKey = randomBytes(32);
const fingerprints = new WeakMap<SharedAuth, string>();

/** Stands for the shared secret and its kind where they are remembered; undefined where there is none. */
export function fingerprintOf(auth: SharedAuth): string | undefined {
  if (auth.mode === "none") return undefined;
  let known = fingerprints.get(auth);
  if (known === undefined) {
    const text = `${secretKindOf(auth)}:${auth.secret.reveal()}`;
    known = createHmac("sha256", fingerprintKey).update(text).digest("base64url");
    fingerprints.set(auth, known);
  }
  return known;
}

/** Names a secret of another kind that was put where the shared one belongs. */
export function nameWrongKind(shown: string | undefined): string | undefined {
  if (shown?.startsWith(deviceTokenPrefix)) {
    return "this is a device token of another device or an old one; use the gateway's own token";
  }
  if (shown?.startsWith(setupCodePrefix)) return "this is a setup code; enter it where the app asks for one";
  return undefined;
}

/** One-time codes begin with it. */
export const setupCodePrefix = "ocs_";
