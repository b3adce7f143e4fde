import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorCode } from "../platform/error-code.ts";
import { createPrivateFile } from "../platform/private-file.ts";

const keyBytes = 32;

/**
 * The key that device tokens are computed from, made at its first use. It lies beside the database, not in it: whoever
 * gets hold of one alone has no token. Without it devices are given new tokens.
 */
export async function deviceTokenKey(path: string): Promise<Uint8Array> {
  const known = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (known !== undefined) return readKey(path, known);
  const key = randomBytes(keyBytes);
  try {
    await createPrivateFile(path, `${key.toString("base64url")}\n`);
    return key;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    return readKey(path, await readFile(path, "utf8"));
  }
}

function readKey(path: string, text: string): Uint8Array {
  const key = Buffer.from(text.trim(), "base64url");
  if (key.length === keyBytes) return key;
  throw new Error(`${path} holds no device token key; remove it, and devices get new tokens with their next connect`);
}
