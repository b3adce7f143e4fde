import { openConnection, type WireConnection } from "../driver/wire-connection.ts";
import type { Target } from "../process/target.ts";
import { largeState, seedLargeState } from "../state-folder.ts";
import { quantile } from "../statistics.ts";
import { measureStarts } from "./start-up.ts";

export type LargeStateResult = { startsMs: number[]; seedSeconds: number; listP95Ms: number; historyP95Ms: number };

/** A gateway with many agents and sessions: how it starts, and how long the pages take that people open. */
export async function measureLargeState(
  target: Target,
  { starts, reads, sessionsWithMessage }: { starts: number; reads: number; sessionsWithMessage: number },
): Promise<LargeStateResult> {
  const seeding = await target.start();
  const beginMs = performance.now();
  const seeder = await openConnection(seeding.address);
  await seedLargeState(seeder, sessionsWithMessage);
  const seedSeconds = (performance.now() - beginMs) / 1_000;
  await seeding.stop();

  const startsMs = await measureStarts(target, starts);
  const running = await target.start();
  const { connection } = running;
  const { longHistory, longMessages } = largeState;
  const change = () => connection.request("chat.inject", { sessionKey: longHistory, message: "A new message." });
  // Each read follows a change, so no answer that was kept can serve.
  const listMs = await timeReads(connection, reads, change, "sessions.list", {
    limit: 100,
    includeDerivedTitles: true,
    includeLastMessage: true,
  });
  const historyMs = await timeReads(connection, reads, change, "chat.history", {
    sessionKey: longHistory,
    limit: longMessages,
  });
  await running.stop();
  return { startsMs, seedSeconds, listP95Ms: quantile(listMs, 0.95), historyP95Ms: quantile(historyMs, 0.95) };
}

async function timeReads(
  connection: WireConnection,
  reads: number,
  change: () => Promise<unknown>,
  method: string,
  params: object,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < reads; index++) {
    await change();
    const beginMs = performance.now();
    await connection.request(method, params);
    times.push(performance.now() - beginMs);
  }
  return times;
}
