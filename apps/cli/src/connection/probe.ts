import { createPinnedConnection } from "@openclaw-gateway/client";
import type { Endpoint } from "./endpoint.ts";

export type PartState = { state: string; reason?: string };
export type Readiness = { ready: boolean; parts: Record<string, PartState> };

/** Asks `/readyz`, which needs no credentials. Undefined when nobody answers, or somebody who is no gateway. */
export async function readReadiness(
  { url: webSocketUrl, tlsFingerprint }: Pick<Endpoint, "url" | "tlsFingerprint">,
  timeoutMs: number,
): Promise<Readiness | undefined> {
  const url = new URL("/readyz", webSocketUrl.replace(/^ws/, "http"));
  // Importing `node:http` as a module reads every export of it, and with them loads the whole of `fetch`.
  const { request } = process.getBuiltinModule(url.protocol === "https:" ? "node:https" : "node:http");
  return new Promise((resolve) => {
    const sent = request(
      url,
      {
        timeout: timeoutMs,
        agent: false,
        ...(tlsFingerprint === undefined ? {} : { createConnection: createPinnedConnection(tlsFingerprint) }),
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          body += chunk;
          if (body.length > maxCharacters) sent.destroy();
        });
        response.on("end", () => resolve(parse(body)));
        response.on("close", () => resolve(undefined));
      },
    );
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(undefined));
    sent.end();
  });
}

const maxCharacters = 1_000_000;

function parse(body: string): Readiness | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return undefined;
    const { ready, parts }: { ready?: unknown; parts?: unknown } = value;
    if (typeof ready !== "boolean" || typeof parts !== "object" || parts === null) return undefined;
    return { ready, parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, toPart(part)])) };
  } catch {
    return undefined;
  }
}

function toPart(part: unknown): PartState {
  const { state, reason }: { state?: unknown; reason?: unknown } =
    typeof part === "object" && part !== null ? part : {};
  return { state: String(state), ...(typeof reason === "string" ? { reason } : {}) };
}
