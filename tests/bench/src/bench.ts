import { join } from "node:path";
import { sleep } from "./monotonic.ts";
import { runClosedLoop } from "./driver/closed-loop.ts";
import { openConnection } from "./driver/wire-connection.ts";
import { measureConnections } from "./measure/connections.ts";
import { measureIdle } from "./measure/idle.ts";
import { measureLargeState } from "./measure/large-state.ts";
import { measureStarts } from "./measure/start-up.ts";
import { measureResume } from "./measure/resume.ts";
import { measureFanOut, measureParallelTurns } from "./measure/streams.ts";
import { metrics, requestKinds } from "./metrics.ts";
import type { Plan } from "./plan.ts";
import { type Provider, startProvider } from "./process/provider.ts";
import { createGatewayTarget, createLimitTarget, type RunningTarget, type Target } from "./process/target.ts";
import { readUsage } from "./process/usage.ts";
import type { Results } from "./results.ts";
import { largeState, seedSmallState, writeStateFolder } from "./state-folder.ts";

const inFlight = 64;
const fanOut = { viewers: 200, tokens: 300 };
const firstTurn = { turns: 1, tokens: 5 };
const parallel = { turns: 30, tokens: 50 };

export type BenchDeps = {
  plan: Plan;
  results: Results;
  /** The built command; without it only the limit is measured. */
  entry: string | undefined;
  /** Everything the benchmark writes. */
  folder: string;
  say: (line: string) => void;
};

/** Every measurement of one run. The targets take turns and change who is first. */
export async function runBench({ plan, results, entry, folder, say }: BenchDeps): Promise<void> {
  const provider = await startProvider(folder);
  const limit = createLimitTarget({ providerPort: provider.port, folder });
  const targets = [limit, ...gateway("small", 1)];

  /** The gateway on a state folder of its own. */
  function gateway(name: string, agents: number): Target[] {
    if (entry === undefined) return [];
    const stateDir = join(folder, name);
    writeStateFolder(stateDir, { providerPort: provider.port, agents });
    return [createGatewayTarget({ entry, stateDir, folder })];
  }

  await starts();
  await idle();
  for (const target of gateway("large", largeState.agents)) {
    say("large state");
    const found = await measureLargeState(target, {
      starts: plan.largeStarts,
      reads: plan.largeReads,
      sessionsWithMessage: plan.largeMessages,
      deepMessages: plan.deepMessages,
    });
    say(`  10,000 sessions written in ${found.seedSeconds.toFixed(1)} s`);
    results.add(metrics.largeStart, "ours", ...found.startsMs);
    results.add(metrics.largeList, "ours", found.listP95Ms);
    results.add(metrics.largeListDeep, "ours", found.listDeepP95Ms);
    results.add(metrics.longHistory, "ours", found.historyP95Ms);
    results.add(metrics.deepOpen, "ours", found.deepOpenP95Ms);
    results.add(metrics.deepBack, "ours", found.deepBackP95Ms);
    results.add(metrics.deepForth, "ours", found.deepForthP95Ms);
  }
  await load();
  await provider.stop();

  async function starts(): Promise<void> {
    say("start-up");
    for (const target of targets) {
      const [first] = await measureStarts(target, 1);
      if (target.name === "ours") results.add(metrics.firstStart, "ours", first!);
      // The second start has the compiled code of the first.
      await measureStarts(target, 1);
    }
    for (let round = 0; round < plan.starts; round++) {
      for (const target of inTurn(targets, round))
        results.add(metrics.start, target.name, ...(await measureStarts(target, 1)));
    }
  }

  async function idle(): Promise<void> {
    for (let round = 0; round < plan.idleRounds; round++) {
      say(`idle, round ${round + 1} of ${plan.idleRounds}`);
      for (const target of inTurn(targets, round)) {
        const running = await target.start();
        const found = await measureIdle(running, plan.idleMs);
        await running.stop();
        results.add(metrics.idleMemory, target.name, found.memoryMb);
        results.add(metrics.idleCpu, target.name, found.cpuPercent);
        results.add(metrics.connectionMemory, target.name, found.kbPerConnection);
      }
    }
  }

  /** Each round has fresh processes and a fresh state, so that it tells nothing but its own. */
  async function load(): Promise<void> {
    for (let round = 0; round < plan.rounds; round++) {
      say(`load, round ${round + 1} of ${plan.rounds}`);
      const running: RunningTarget[] = [];
      const fresh = [limit, ...gateway(`load-${round}`, 1)];
      for (const target of inTurn(fresh, round)) running.push(await target.start());
      for (const { name, connection } of running) if (name === "ours") await seedSmallState(connection);
      await loadRound(running, provider);
      // The limit first, so that the gateway is measured alone.
      for (const target of running.toSorted((a, b) => a.name.localeCompare(b.name))) {
        results.add(metrics.memoryAfter, target.name, readUsage(target.pid).memoryBytes / 1e6);
        if (target.name === "ours" && round === plan.rounds - 1 && plan.restMs > 0) {
          await sleep(plan.restMs);
          results.add(metrics.memoryRested, "ours", readUsage(target.pid).memoryBytes / 1e6);
        }
        await target.stop();
      }
    }
  }

  async function loadRound(running: readonly RunningTarget[], streams: Provider): Promise<void> {
    for (const { method, params, rate, p50, p95, p99 } of requestKinds) {
      for (const { name, address } of running) {
        const connection = await openConnection(address);
        const found = await runClosedLoop(connection, {
          method,
          ...(params && { params }),
          inFlight,
          warmUpMs: plan.warmUpMs,
          durationMs: plan.requestsMs,
        });
        await connection.close();
        results.add(rate, name, found.perSecond);
        results.add(p50, name, found.p50Ms);
        results.add(p95, name, found.p95Ms);
        results.add(p99, name, found.p99Ms);
      }
    }
    for (const { name, address } of running)
      results.add(metrics.connections, name, await measureConnections(address, plan.connectionsMs));
    // It loads and warms what all later ones use, so it is told apart.
    for (const target of running)
      results.add(metrics.firstTurn, target.name, await measureParallelTurns(target, firstTurn));
    for (const target of running) {
      const found = await measureFanOut(target, streams, fanOut);
      results.add(metrics.fanOutP50, target.name, found.p50Ms);
      results.add(metrics.fanOutP99, target.name, found.p99Ms);
      results.add(metrics.fanOutCpu, target.name, found.cpuSeconds);
      results.add(metrics.fanOutBytes, target.name, found.kbPerViewer);
    }
    for (const target of running) {
      if (target.name === "ours")
        results.add(metrics.resume, "ours", await measureResume(target, { tokens: 300, reads: 50 }));
    }
    for (const target of running) results.add(metrics.turns, target.name, await measureParallelTurns(target, parallel));
  }
}

/** The same list, begun at another place each round. */
function inTurn<T>(list: readonly T[], round: number): T[] {
  const first = round % Math.max(1, list.length);
  return [...list.slice(first), ...list.slice(0, first)];
}
