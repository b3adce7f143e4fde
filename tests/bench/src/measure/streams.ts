import { randomUUID } from "node:crypto";
import { openConnection, openMany, type WireConnection } from "../driver/wire-connection.ts";
import { monotonicMs } from "../monotonic.ts";
import type { Provider } from "../process/provider.ts";
import type { RunningTarget } from "../process/target.ts";
import { readUsage } from "../process/usage.ts";
import { benchSession } from "../state-folder.ts";
import { quantile } from "../statistics.ts";
import { orderMessage, tokenBytes, tokenText } from "../tokens.ts";

export type FanOutResult = { p50Ms: number; p99Ms: number; cpuSeconds: number; kbPerViewer: number };

const deltaMark = '"delta":"';
const quote = 0x22;
const runTimeoutMs = 20_000;

/** One long answer, many who watch it: from the moment a token leaves the provider until each has it. */
export async function measureFanOut(
  target: RunningTarget,
  provider: Provider,
  load: { viewers: number; tokens: number },
): Promise<FanOutResult> {
  const { viewers, tokens } = load;
  const streamId = randomUUID();
  const watching = await openMany(target.address, viewers);
  const receivedAtMs = watching.map(() => new Float64Array(tokens));
  let bytes = 0;
  const ends = watching.map((viewer, index) => {
    const times = receivedAtMs[index]!;
    let next = 0;
    return onRunEnd(viewer, 1, (data) => {
      bytes += data.length;
      const last = lastTokenOf(data);
      if (last === undefined) return;
      const nowMs = monotonicMs();
      // An event holds the text so far: what a slow reader was spared has arrived with it.
      for (; next <= last; next++) times[next] = nowMs;
    });
  });
  const before = readUsage(target.pid);
  const report = provider.reportOf(streamId);
  await send(watching[0]!, benchSession(40), { streamId, tokens, intervalMs: 10 });
  await Promise.all(ends);
  const after = readUsage(target.pid);
  const { sentAtMs } = await report;
  for (const { socket } of watching) socket.terminate();
  const latencies = receivedAtMs.flatMap((times) =>
    Array.from(times, (atMs, token) => (atMs === 0 ? Number.POSITIVE_INFINITY : atMs - sentAtMs[token]!)),
  );
  return {
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    kbPerViewer: bytes / viewers / 1_000,
  };
}

/** Turns of as many sessions at the same time; wall time until the last has ended. */
export async function measureParallelTurns(
  target: RunningTarget,
  load: { turns: number; tokens: number },
): Promise<number> {
  const connection = await openConnection(target.address);
  const wholeText = tokenText(load.tokens - 1);
  let whole = 0;
  const end = onRunEnd(connection, load.turns, (data) => {
    if (data.includes('"state":"final"') && data.includes(wholeText)) whole++;
  });
  const beginMs = performance.now();
  const orders = Array.from({ length: load.turns }, (_, index) =>
    send(connection, benchSession(5 + index), { streamId: randomUUID(), tokens: load.tokens, intervalMs: 10 }),
  );
  await Promise.all([end, ...orders]);
  const wallMs = performance.now() - beginMs;
  connection.socket.terminate();
  if (whole !== load.turns) throw new Error(`only ${whole} of ${load.turns} turns ended with their whole text`);
  return wallMs;
}

function send(
  connection: WireConnection,
  sessionKey: string,
  order: Parameters<typeof orderMessage>[0],
): Promise<unknown> {
  return connection.request("chat.send", { sessionKey, message: orderMessage(order), idempotencyKey: order.streamId });
}

/** Resolves when the connection has seen the end of so many runs; `take` sees every frame. */
function onRunEnd(connection: WireConnection, runs: number, take: (data: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const guard = setTimeout(() => reject(new Error(`${runs} runs did not end`)), runTimeoutMs);
    const settle = (error?: Error): void => {
      clearTimeout(guard);
      if (error) reject(error);
      else resolve();
    };
    let left = runs;
    connection.onFrame = (data) => {
      take(data);
      if (!data.subarray(0, 32).includes('"event":"chat"')) return;
      if (data.includes('"state":"error"')) settle(new Error(`a run failed: ${data.toString("utf8")}`));
      else if (data.includes('"state":"final"') && --left === 0) settle();
    };
  });
}

/** Number of the last token in the delta of an `agent` event. */
function lastTokenOf(data: Buffer): number | undefined {
  const start = data.indexOf(deltaMark, 0, "latin1");
  if (start < 0) return undefined;
  const end = data.indexOf(quote, start + deltaMark.length);
  if (end - start - deltaMark.length < tokenBytes) return undefined;
  return Number(data.toString("latin1", end - tokenBytes + 1, end));
}
