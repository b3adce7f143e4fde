import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { openConnection, type WireConnection } from "../driver/wire-connection.ts";
import { sleep } from "../monotonic.ts";
import type { RunningTarget } from "../process/target.ts";
import { readUsage } from "../process/usage.ts";
import { benchSession } from "../state-folder.ts";
import { orderMessage } from "../tokens.ts";

/** Turns and connects of one soak, in equal steps; memory is read after each. */
export type SoakLoad = { turns: number; sessions: number; connects: number; steps: number };

/** What a process holds, in bytes, after a forced collection of garbage. */
export type SoakReading = {
  turns: number;
  connects: number;
  memoryBytes: number;
  ownBytes: number;
  heapUsed: number;
  heapTotal: number;
  external: number;
  arrayBuffers: number;
  databaseBytes: number;
  logBytes: number;
};

const parallelTurns = 16;
const parallelConnects = 8;
const tokens = 20;

/** A long life in short: turns over many sessions and connections that come and go, with one client that stays. */
export async function measureSoak(
  target: RunningTarget,
  load: SoakLoad,
  { memoryFile, stateDir, say }: { memoryFile: string; stateDir: string; say: (reading: SoakReading) => void },
): Promise<SoakReading[]> {
  const readings: SoakReading[] = [];
  const staying = await openConnection(target.address);
  let turns = 0;
  let connects = 0;

  for (let step = 1; step <= load.steps; step++) {
    const [turnsUntil, connectsUntil] = [(load.turns * step) / load.steps, (load.connects * step) / load.steps];
    await Promise.all([
      inParallel(parallelTurns, () => (turns < turnsUntil ? runTurn(staying, turns++ % load.sessions) : undefined)),
      inParallel(parallelConnects, () => (connects < connectsUntil ? (connects++, comeAndGo(target)) : undefined)),
    ]);
    const reading = { turns, connects, ...(await readMemory(target.pid, memoryFile)), ...sizesOf(stateDir) };
    readings.push(reading);
    say(reading);
  }
  staying.socket.terminate();
  return readings;
}

/** Asks as a page does: sends, waits for the end, reads the end of the transcript. */
async function runTurn(connection: WireConnection, session: number): Promise<void> {
  const sessionKey = benchSession(session);
  const streamId = randomUUID();
  await connection.request("chat.send", {
    sessionKey,
    message: orderMessage({ streamId, tokens, intervalMs: 0 }),
    idempotencyKey: streamId,
  });
  const { status } = await connection.request("agent.wait", { runId: streamId, timeoutMs: 30_000 });
  if (status !== "ok") throw new Error(`a turn ended ${String(status)}`);
  await connection.request("chat.history", { sessionKey, limit: 20 });
}

async function comeAndGo(target: RunningTarget): Promise<void> {
  const connection = await openConnection(target.address);
  await connection.request("sessions.list", { limit: 20 });
  await connection.close();
}

async function inParallel(count: number, next: () => Promise<void> | undefined): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let work = next(); work; work = next()) await work;
  };
  await Promise.all(Array.from({ length: count }, worker));
}

async function readMemory(
  pid: number,
  memoryFile: string,
): Promise<Omit<SoakReading, "turns" | "connects" | "databaseBytes" | "logBytes">> {
  // What was just closed is let go first.
  await sleep(1_000);
  rmSync(memoryFile, { force: true });
  process.kill(pid, "SIGUSR2");
  while (!existsSync(memoryFile)) await sleep(20);
  await sleep(200);
  const { memoryBytes, ownBytes } = readUsage(pid);
  const { heapUsed, heapTotal, external, arrayBuffers } = JSON.parse(readFileSync(memoryFile, "utf8")) as SoakReading;
  return { memoryBytes, ownBytes, heapUsed, heapTotal, external, arrayBuffers };
}

function sizesOf(stateDir: string): { databaseBytes: number; logBytes: number } {
  const size = (name: string): number => statSync(join(stateDir, name), { throwIfNoEntry: false })?.size ?? 0;
  return { databaseBytes: size("gateway.sqlite"), logBytes: size("gateway.sqlite-wal") };
}
