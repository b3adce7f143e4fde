import { quantile } from "../statistics.ts";
import type { WireConnection } from "./wire-connection.ts";

export type Load = { method: string; params?: object; inFlight: number; warmUpMs: number; durationMs: number };
export type LoadResult = { perSecond: number; p50Ms: number; p95Ms: number; p99Ms: number };

const idStart = '{"type":"res","id":"';
const quote = 0x22;
const letterT = 0x74;

/** Keeps a number of requests unanswered for a while and says how fast answers came. */
export async function runClosedLoop(connection: WireConnection, load: Load): Promise<LoadResult> {
  const { socket, stream } = connection;
  const frames = Array.from({ length: load.inFlight }, (_, slot) =>
    Buffer.from(JSON.stringify({ type: "req", id: String(slot), method: load.method, params: load.params ?? {} })),
  );
  const sentAtMs = new Float64Array(load.inFlight);
  const latencies: number[] = [];
  const beginMs = performance.now() + load.warmUpMs;
  const endMs = beginMs + load.durationMs;
  let unanswered = 0;
  let isCorked = false;
  const { promise: drained, resolve, reject } = Promise.withResolvers<void>();

  function send(slot: number): void {
    // What is sent while one chunk of answers is read leaves in one write.
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    unanswered++;
    sentAtMs[slot] = performance.now();
    socket.send(frames[slot]!, { binary: false });
  }

  connection.onFrame = (data) => {
    const slot = readSlot(data);
    if (slot === undefined) return;
    if (slot < 0) return reject(new Error(`${load.method} was refused: ${data.toString("utf8").slice(0, 500)}`));
    const nowMs = performance.now();
    unanswered--;
    if (nowMs >= beginMs && nowMs < endMs) latencies.push(nowMs - sentAtMs[slot]!);
    if (nowMs < endMs) send(slot);
    else if (unanswered === 0) resolve();
  };
  const guard = setTimeout(
    () => reject(new Error(`${load.method}: ${unanswered} requests were never answered`)),
    load.warmUpMs + load.durationMs + 10_000,
  );
  for (let slot = 0; slot < load.inFlight; slot++) send(slot);
  await drained.finally(() => {
    clearTimeout(guard);
    connection.onFrame = () => {};
  });
  return {
    perSecond: latencies.length / (load.durationMs / 1_000),
    p50Ms: quantile(latencies, 0.5),
    p95Ms: quantile(latencies, 0.95),
    p99Ms: quantile(latencies, 0.99),
  };
}

/** The request an answer belongs to; -1 for a refusal, undefined for an event. Reads a few bytes instead of the frame. */
function readSlot(data: Buffer): number | undefined {
  if (data.toString("latin1", 0, idStart.length) !== idStart) return undefined;
  let at = idStart.length;
  let slot = 0;
  for (; data[at] !== quote; at++) slot = slot * 10 + (data[at]! - 0x30);
  // `","ok":true`
  return data[at + ',"ok":'.length + 1] === letterT ? slot : -1;
}
