import { openMany } from "../driver/wire-connection.ts";
import { sleep } from "../monotonic.ts";
import { readUsage } from "../process/usage.ts";
import type { RunningTarget } from "../process/target.ts";

export type IdleResult = { memoryMb: number; cpuPercent: number; kbPerConnection: number };

const settleMs = 1_500;
const connections = 500;

/** A fresh process that does nothing, and the same with many silent connections. */
export async function measureIdle(target: RunningTarget, idleMs: number): Promise<IdleResult> {
  await sleep(settleMs);
  const before = readUsage(target.pid);
  await sleep(idleMs);
  const after = readUsage(target.pid);
  const opened = await openMany(target.address, connections);
  await sleep(settleMs);
  const crowded = readUsage(target.pid);
  for (const { socket } of opened) socket.terminate();
  return {
    memoryMb: after.memoryBytes / 1e6,
    cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / (idleMs / 1_000)) * 100,
    kbPerConnection: (crowded.ownBytes - after.ownBytes) / connections / 1_000,
  };
}
