import { type DeviceChallenge, parseAddress, type SignedDevice } from "@openclaw-gateway/client/core";
import { deviceAuthPayload } from "@openclaw-gateway/protocol/wire";
import { browserKeyStore, type KeyStore } from "./key-store.ts";

/** This browser as a device of one gateway. Its private key never leaves the browser, not even to the page. */
export type BrowserDevice = {
  /** SHA-256 of the public key, in hexadecimal. */
  readonly id: string;
  /** Raw Ed25519 key, base64url. */
  readonly publicKey: string;
  /** Answers the challenge of a gateway; the `signDevice` of a client. */
  readonly sign: (challenge: DeviceChallenge) => Promise<SignedDevice>;
};

/**
 * Why a browser cannot be a device: the page did not come over HTTPS or from this machine, the browser does not know
 * Ed25519, or it does not let the page store anything.
 */
export type DeviceObstacle = "insecure-context" | "no-ed25519" | "no-storage";

/** This browser cannot be a device; `obstacle` says why. A token or password still lets its pages in. */
export class DeviceUnavailableError extends Error {
  override readonly name = "DeviceUnavailableError";
  readonly obstacle: DeviceObstacle;
  constructor(obstacle: DeviceObstacle, options?: ErrorOptions) {
    super(explanations[obstacle], options);
    this.obstacle = obstacle;
  }
}

const explanations: Readonly<Record<DeviceObstacle, string>> = {
  "insecure-context": "a page needs HTTPS, or the gateway's own machine, to keep a key",
  "no-ed25519": "this browser does not know Ed25519 keys",
  "no-storage": "this browser does not let the page keep a key",
};

/**
 * Opens the key that this browser keeps for a gateway, and makes one at first. Each gateway gets a key of its own, so
 * that two of them cannot tell that they are visited by the same browser. Rejects with `DeviceUnavailableError`.
 */
export async function openDevice(gatewayUrl: string, keys: KeyStore = browserKeyStore): Promise<BrowserDevice> {
  const pair = await openPair(gatewayName(gatewayUrl), keys);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const id = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", raw)));
  const publicKey = toBase64Url(raw);
  return {
    id,
    publicKey,
    sign: async (challenge) => {
      const text = new TextEncoder().encode(deviceAuthPayload.v3({ ...challenge, deviceId: id }));
      const signature = await crypto.subtle.sign("Ed25519", pair.privateKey, text);
      return {
        id,
        publicKey,
        signature: toBase64Url(new Uint8Array(signature)),
        signedAt: challenge.signedAtMs,
        ...(challenge.nonce !== undefined && { nonce: challenge.nonce }),
      };
    },
  };
}

/** One name for every spelling of a gateway's address: host and path, whatever the scheme, the query and the last slash. */
export function gatewayName(gatewayUrl: string): string {
  const { host, pathname } = new URL(parseAddress(gatewayUrl).url);
  return host + pathname.replace(/\/+$/, "");
}

async function openPair(name: string, keys: KeyStore): Promise<CryptoKeyPair> {
  if (!globalThis.isSecureContext || crypto.subtle === undefined) throw new DeviceUnavailableError("insecure-context");
  const known = await stored(keys.load(name));
  if (known) return known;
  const fresh = await makePair();
  return stored(keys.keep(name, fresh));
}

async function makePair(): Promise<CryptoKeyPair> {
  try {
    // Not extractable: a script that gets into the page could use the key, but not take it away.
    return await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  } catch (error) {
    throw new DeviceUnavailableError("no-ed25519", { cause: error });
  }
}

async function stored<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new DeviceUnavailableError("no-storage", { cause: error });
  }
}

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
