import { expect } from "vitest";
import { at, type JsonObject } from "../json.ts";
import type { Transcript } from "../transcript.ts";

type Exchange = {
  /** Where the request stands in the recording. */
  line: number;
  request: { method: string; path: string; headers: Record<string, string>; body: unknown };
  /** Pieces of a stream, before the answer's head as it was recorded. */
  chunks: string[];
  response: { status: number; headers: Record<string, string>; body?: unknown };
};

/** The requests of a recording with their answers. */
export function exchangesOf({ lines }: Transcript): Exchange[] {
  const exchanges: Exchange[] = [];
  let open: Pick<Exchange, "line" | "request" | "chunks"> | undefined;
  for (const { frame, line } of lines) {
    const request = at(frame, "request");
    const response = at(frame, "response");
    const chunk = at(frame, "chunk");
    if (request !== undefined) open = { line, request: request as Exchange["request"], chunks: [] };
    else if (typeof chunk === "string") open?.chunks.push(chunk);
    else if (response !== undefined && open) exchanges.push({ ...open, response: response as Exchange["response"] });
  }
  return exchanges;
}

/** Sends a recorded request with the token of this gateway in place of the recorded one. */
export async function play(url: string, token: string, { request }: Exchange): Promise<Response> {
  const { authorization, ...headers } = request.headers;
  const body = typeof request.body === "string" ? request.body : JSON.stringify(request.body);
  return fetch(new URL(request.path, url), {
    method: request.method,
    headers: { ...headers, ...(authorization && { authorization: authorization.replace("rec-token", token) }) },
    ...(request.body !== undefined && { body }),
  });
}

/** A recorded value with what differs each time taken out; members that came later may stand beside it. */
export function asRecorded(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((each) => asRecorded(each, key));
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, each]) => [name, asRecorded(each, name)]);
    return expect.objectContaining(Object.fromEntries(members));
  }
  const [, prefix] = /^([a-z]+)_[0-9a-f-]{36}$/.exec(String(value)) ?? [];
  if (prefix !== undefined) return expect.stringMatching(new RegExp(`^${prefix}_[0-9a-f-]{36}`));
  return key === "created_at" || key === "created" ? expect.any(Number) : value;
}

/** The events of a stream, with pieces of one text that follow each other as one. */
export function eventsOf(stream: string): (JsonObject | string)[] {
  const events = stream
    .split("\n\n")
    .map((block) => /^data: (.*)$/m.exec(block)?.[1])
    .filter((data) => data !== undefined)
    .map((data) => (data === "[DONE]" ? data : (JSON.parse(data) as JsonObject)));
  return events.reduce<(JsonObject | string)[]>((merged, event) => {
    const last = merged.at(-1);
    const [delta, before] = [at(event, "delta"), at(last, "delta")];
    if (typeof delta !== "string" || typeof before !== "string" || typeof last !== "object") return [...merged, event];
    return [...merged.slice(0, -1), { ...last, delta: before + delta }];
  }, []);
}
