import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { deviceAuthPayload, type Role } from "@openclaw-gateway/protocol/wire";
import { type DeviceChallenge, type DeviceTokens, parseAddress, type SignedDevice } from "./core/index.ts";
import { createPrivateFile, readPrivateFile, writePrivateFile } from "./private-file.ts";

/** A device of this machine: an Ed25519 key that stays in its file, and what gateways gave to it. */
export interface DeviceIdentity {
  /** SHA-256 of the raw public key, lower-case hex. */
  readonly deviceId: string;
  /** Raw public key, base64url. */
  readonly publicKey: string;
  /** Proves the key to one gateway, for one connection. */
  sign(challenge: DeviceChallenge): SignedDevice;
  /** The token of one gateway and role. Gateways are told apart by scheme, host and port. */
  tokensFor(gatewayUrl: string, role?: Role): DeviceTokens;
}

type DeviceFile = {
  version: 1;
  deviceId: string;
  /** PKCS #8, PEM. */
  privateKey: string;
  createdAtMs: number;
  /** By gateway and role. */
  tokens: Record<string, string>;
};

/**
 * Opens the identity in a file, and makes one when there is none (mode 0600). Rejects for a file that is there and is no
 * identity: a new key would be a device that nobody has approved.
 *
 * Several processes may share the file. When two of them keep a token in the same instant one of these may be lost; that
 * device then shows the shared token once more.
 */
export async function openDeviceIdentity(file: string): Promise<DeviceIdentity> {
  const found = await readDeviceFile(file);
  const device = found ?? (await createDeviceFile(file));
  const key = createPrivateKey(device.privateKey);
  const raw = rawPublicKey(key);
  const publicKey = raw.toString("base64url");
  const deviceId = idOf(raw);
  let writing: Promise<void> = Promise.resolve();

  /** One change after the other, each to what is on disk by then. */
  function change(edit: (tokens: Record<string, string>) => void): Promise<void> {
    const next = writing.then(async () => {
      const present = (await readDeviceFile(file)) ?? device;
      const tokens = { ...present.tokens };
      edit(tokens);
      await writePrivateFile(file, encode({ ...present, tokens }));
    });
    writing = next.catch(() => {});
    return next;
  }

  return {
    deviceId,
    publicKey,
    sign: (challenge) => {
      // The second form is the one that every gateway checks.
      const text = deviceAuthPayload.v2({ ...challenge, deviceId });
      return {
        id: deviceId,
        publicKey,
        signature: sign(null, Buffer.from(text, "utf8"), key).toString("base64url"),
        signedAt: challenge.signedAtMs,
        ...(challenge.nonce === undefined ? {} : { nonce: challenge.nonce }),
      };
    },
    tokensFor: (gatewayUrl, role = "operator") => {
      const { protocol, host } = new URL(parseAddress(gatewayUrl).url);
      const name = `${role} ${protocol}//${host}`;
      return {
        read: async () => {
          await writing;
          const { tokens } = (await readDeviceFile(file)) ?? device;
          return Object.hasOwn(tokens, name) ? tokens[name] : undefined;
        },
        keep: (token) => change((tokens) => void (tokens[name] = token)),
        drop: () => change((tokens) => void delete tokens[name]),
      };
    },
  };
}

async function readDeviceFile(file: string): Promise<DeviceFile | undefined> {
  const text = await readPrivateFile(file);
  if (text === undefined) return undefined;
  const device = decode(text);
  if (device === undefined) {
    throw new Error(`${file} holds no device identity; move it away to get a new one, which has to be paired again`);
  }
  return device;
}

/** Another process may make one at the same time; the first is everybody's. */
async function createDeviceFile(file: string): Promise<DeviceFile> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const device: DeviceFile = {
    version: 1,
    deviceId: idOf(rawPublicKey(privateKey)),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    createdAtMs: Date.now(),
    tokens: {},
  };
  if (await createPrivateFile(file, encode(device))) return device;
  return (await readDeviceFile(file)) ?? createDeviceFile(file);
}

const encode = (device: DeviceFile): string => `${JSON.stringify(device, null, 2)}\n`;

function decode(text: string): DeviceFile | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || value["version"] !== 1 || typeof value["privateKey"] !== "string") return undefined;
    const { privateKey, createdAtMs, tokens } = value;
    const key = createPrivateKey(privateKey);
    if (key.asymmetricKeyType !== "ed25519") return undefined;
    return {
      version: 1,
      deviceId: idOf(rawPublicKey(key)),
      privateKey,
      createdAtMs: typeof createdAtMs === "number" ? createdAtMs : 0,
      tokens: isRecord(tokens) ? onlyTexts(tokens) : {},
    };
  } catch {
    return undefined;
  }
}

const onlyTexts = (record: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === "string"));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** JWK names the public part `x`, for private keys too. */
function rawPublicKey(key: KeyObject): Buffer {
  const { x } = key.export({ format: "jwk" });
  if (x === undefined) throw new TypeError("not an Ed25519 key");
  return Buffer.from(x, "base64url");
}

const idOf = (raw: Buffer): string => createHash("sha256").update(raw).digest("hex");
