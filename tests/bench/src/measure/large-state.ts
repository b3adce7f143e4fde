import { openConnection, type WireConnection } from "../driver/wire-connection.ts";
import type { Target } from "../process/target.ts";
import { benchSession, largeState, seedDeepHistory, seedLargeState } from "../state-folder.ts";
import { quantile } from "../statistics.ts";
import { measureStarts } from "./start-up.ts";

export type LargeStateResult = {
  startsMs: number[];
  seedSeconds: number;
  listP95Ms: number;
  listDeepP95Ms: number;
  historyP95Ms: number;
  deepOpenP95Ms: number;
  deepBackP95Ms: number;
  deepForthP95Ms: number;
};

const deepHistory = benchSession(99_999);

/** A gateway with many agents and sessions: how it starts, and how long the pages take that people open. */
export async function measureLargeState(
  target: Target,
  plan: { starts: number; reads: number; sessionsWithMessage: number; deepMessages: number },
): Promise<LargeStateResult> {
  const { starts, reads, sessionsWithMessage, deepMessages } = plan;
  const seeding = await target.start();
  const beginMs = performance.now();
  const seeder = await openConnection(seeding.address);
  await seedLargeState(seeder, sessionsWithMessage);
  await seedDeepHistory(seeder, deepHistory, deepMessages);
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
  const deep = { sessionKey: deepHistory, limit: longMessages };
  const changeDeep = () => connection.request("chat.inject", { sessionKey: deepHistory, message: "A new message." });
  const openMs = await timeReads(connection, reads, changeDeep, "chat.history", deep);
  const backMs = await timeWalk(connection, reads, "chat.history", deep, ({ olderCursor }) => ({
    before: olderCursor,
  }));
  const middle = await connection.request("chat.history", { ...deep, offset: Math.floor(deepMessages / 2) });
  const forthMs = await timeWalk(
    connection,
    reads,
    "chat.history",
    deep,
    ({ newerCursor }) => ({ after: newerCursor }),
    middle,
  );
  const listDeepMs = await timeWalk(connection, reads, "sessions.list", { limit: 100 }, ({ nextCursor }) => ({
    cursor: nextCursor,
  }));
  await running.stop();
  return {
    startsMs,
    seedSeconds,
    listP95Ms: quantile(listMs, 0.95),
    listDeepP95Ms: quantile(listDeepMs, 0.95),
    historyP95Ms: quantile(historyMs, 0.95),
    deepOpenP95Ms: quantile(openMs, 0.95),
    deepBackP95Ms: quantile(backMs, 0.95),
    deepForthP95Ms: quantile(forthMs, 0.95),
  };
}

/** From page to page, each by the cursor of the one before; ends early where the pages end. */
async function timeWalk(
  connection: WireConnection,
  pages: number,
  method: string,
  params: object,
  next: (page: Record<string, unknown>) => Record<string, unknown>,
  first?: Record<string, unknown>,
): Promise<number[]> {
  const times: number[] = [];
  let page = first ?? (await connection.request(method, params));
  while (times.length < pages) {
    const place = next(page);
    if (Object.values(place).includes(undefined)) break;
    const beginMs = performance.now();
    page = await connection.request(method, { ...params, ...place });
    times.push(performance.now() - beginMs);
  }
  return times;
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
