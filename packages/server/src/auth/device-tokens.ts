import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Device tokens begin with it, so that one pasted in the wrong place can be named. */
export const deviceTokenPrefix = "ocd_";

/** What is kept of a token: enough to know it again, and to make it again with the key, which lies elsewhere. */
export type SealedToken = { salt: string; hash: string };
type Owner = { deviceId: string; role: string };

/**
 * Tokens of devices. A device that comes back with the shared secret is told the token it has, as recorded; so that no
 * token has to be kept for that, it is computed from a key outside the database and a salt inside it.
 */
export function createDeviceTokens(loadKey: () => Promise<Uint8Array>) {
  let key: Promise<Uint8Array> | undefined;

  async function make(owner: Owner, salt: string): Promise<string> {
    key ??= loadKey();
    key.catch(() => (key = undefined));
    const text = JSON.stringify(["device-token", owner.deviceId, owner.role, salt]);
    return (
      deviceTokenPrefix +
      createHmac("sha256", await key)
        .update(text)
        .digest("base64url")
    );
  }

  return {
    issue: async (owner: Owner): Promise<SealedToken & { token: string }> => {
      const salt = randomBytes(16).toString("base64url");
      const token = await make(owner, salt);
      return { token, salt, hash: hashToken(token) };
    },
    /** The token again, or undefined when the key is another one now. */
    reissue: async (owner: Owner, sealed: SealedToken): Promise<string | undefined> => {
      const token = await make(owner, sealed.salt);
      return matchesHash(token, sealed.hash) ? token : undefined;
    },
  };
}
export type DeviceTokens = ReturnType<typeof createDeviceTokens>;

/** Tokens are long and random, so a plain digest is enough. */
export const hashToken = (token: string): string => createHash("sha256").update(token, "utf8").digest("base64url");

export function matchesHash(token: string, hash: string): boolean {
  const [given, kept] = [Buffer.from(hashToken(token)), Buffer.from(hash)];
  return given.length === kept.length && timingSafeEqual(given, kept);
}
