import { ApiError } from "./api-error.ts";

export type BodyLimits = {
  maxBytes: number;
  /** Objects and lists inside each other. */
  maxDepth: number;
};

/**
 * The body as JSON; an empty one counts as `{}`, as recorded. A body that says how long it is, is refused for its length
 * before any of it is read, and one that does not say as soon as it is too long. How long a body may take to come is the
 * server's `requestTimeout`.
 */
export async function readJson(request: Request, limits: BodyLimits): Promise<unknown> {
  const text = await readText(request, limits.maxBytes);
  if (text.trim() === "") return {};
  if (isDeeperThan(text, limits.maxDepth)) {
    throw new ApiError(400, `the body has more than ${limits.maxDepth} levels`, { code: "too_deep" });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ApiError(400, String(error));
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, error instanceof TypeError ? "the body is not UTF-8" : "the body did not come whole");
  }
}

const tooLarge = (maxBytes: number): ApiError =>
  new ApiError(413, `the body is larger than ${maxBytes} bytes`, { code: "request_too_large" });

/** Counts brackets outside of texts, without building anything. */
function isDeeperThan(json: string, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case '"':
        at = endOfText(json, at);
        break;
      case "[":
      case "{":
        if (++depth > maxDepth) return true;
        break;
      case "]":
      case "}":
        depth--;
        break;
      default:
    }
  }
  return false;
}

/** Where the text that begins here ends; texts may be megabytes, so they are not walked through. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let slashes = 0;
    while (json[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end;
  }
  return json.length;
}
