import { readFileSync } from "node:fs";
import { join } from "node:path";
import { at, type JsonObject, textAt } from "./json.ts";

/** One line of a recording. `t` is milliseconds since its start; it is told, never compared. */
export type Line = {
  /** Line number in the file, counted from 1. */
  line: number;
  t: number;
  conn: string;
  dir: "open" | "send" | "recv" | "close" | "note" | "http";
  frame: unknown;
};

export type Transcript = { name: string; protocol: 3 | 4; notes: string; lines: readonly Line[] };

const folder = join(import.meta.dirname, "../transcripts");

export function loadTranscript(protocol: 3 | 4, name: string): Transcript {
  const rows = readFileSync(join(folder, `v${protocol}`, `${name}.jsonl`), "utf8").split("\n");
  return parseTranscript(protocol, name, rows);
}

export function parseTranscript(protocol: 3 | 4, name: string, rows: readonly string[]): Transcript {
  const [head, ...lines] = rows.flatMap((row, index) => {
    if (row.trim() === "") return [];
    return [{ ...(JSON.parse(row) as JsonObject), line: index + 1 }];
  });
  const notes = textAt(head, "notes");
  return { name, protocol, notes: notes ?? "", lines: lines as Line[] };
}

/**
 * Close lines that tell how the gateway ended a connection. Protocol-4 recordings say who closed; in those of protocol 3
 * only a normal close after a successful connect is the client's.
 */
export function closesByServer({ protocol, lines }: Transcript): Set<Line> {
  const closes = lines.filter(({ dir }) => dir === "close");
  // 1006 is how the proxy told of a client that went away, 1001 of a page that was left.
  const isTold = (code: unknown): boolean => code !== 1006 && code !== 1001;
  if (protocol === 4)
    return new Set(closes.filter(({ frame }) => at(frame, "by") === "gateway" && isTold(at(frame, "code"))));
  const ready = new Set(
    lines.filter(({ frame }) => at(frame, "payload", "type") === "hello-ok").map(({ conn }) => conn),
  );
  return new Set(closes.filter(({ conn, frame }) => at(frame, "code") !== 1000 || !ready.has(conn)));
}
