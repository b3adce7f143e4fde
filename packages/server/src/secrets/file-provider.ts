import { open } from "node:fs/promises";
import type { FileProvider } from "./providers.ts";
import { trustedFile } from "./trusted-path.ts";

const defaultTimeoutMs = 5_000;
const defaultMaxBytes = 1024 * 1024;

/** The value of each id. Nothing of the file's content is in an error. */
export async function readFromFile(
  provider: FileProvider,
  path: string,
  ids: readonly string[],
): Promise<Map<string, string | Error>> {
  const {
    mode = "json",
    timeoutMs = defaultTimeoutMs,
    maxBytes = defaultMaxBytes,
    allowInsecurePath = false,
  } = provider;
  const target = await trustedFile(path, { allowLink: true, isPrivate: true, allowInsecure: allowInsecurePath });
  const text = await readBounded(target, maxBytes, AbortSignal.timeout(timeoutMs));
  if (mode === "singleValue") {
    const value = text.replace(/\r?\n$/, "");
    return new Map(
      ids.map((id) => [id, id === "value" ? value : new Error('the id must be "value" for a singleValue file')]),
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`${path} holds no JSON`);
  }
  return new Map(ids.map((id) => [id, at(content, id) ?? new Error(`${path} has no text at ${id}`)]));
}

async function readBounded(path: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new Error(`${path} is larger than ${maxBytes} bytes`);
    return await file.readFile({ encoding: "utf8", signal });
  } finally {
    await file.close();
  }
}

/** A JSON pointer (RFC 6901) to a text. */
function at(content: unknown, pointer: string): string | undefined {
  if (!pointer.startsWith("/")) return undefined;
  let value: unknown = content;
  for (const part of pointer.slice(1).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === "string" ? value : undefined;
}
