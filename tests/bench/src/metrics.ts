import { atLeast, atLeastOfLimit, atMost, atMostOfLimit, type Budget } from "./budgets.ts";
import { memoryKind } from "./process/usage.ts";
import type { Metric } from "./results.ts";
import { smallState } from "./state-folder.ts";

export const metrics = {
  start: { name: "process start → hello-ok", unit: "ms", budget: atMost(400) },
  firstStart: { name: "the very first start, nothing compiled yet", unit: "ms" },
  largeStart: { name: "start with 1,000 agents, 10,000 sessions", unit: "ms", budget: atMost(1_000) },
  idleMemory: { name: `idle memory, ${memoryKind}`, unit: "MB", budget: atMost(120) },
  idleCpu: { name: "idle CPU", unit: "% of a core", budget: atMost(1) },
  connections: { name: "connections one after the other", unit: "/s", budget: atLeastOfLimit(1 / 2) },
  connectionMemory: { name: "memory per connection (500)", unit: "kB", budget: atMostOfLimit(3) },
  firstTurn: { name: "the first turn of a process, 5 tokens (ideal 50)", unit: "ms" },
  fanOutP50: { name: "fan-out 300 tokens to 200 viewers, p50", unit: "ms" },
  fanOutP99: { name: "fan-out 300 tokens to 200 viewers, p99", unit: "ms", budget: atMostOfLimit(2) },
  fanOutCpu: { name: "fan-out, CPU", unit: "s", budget: atMostOfLimit(2) },
  fanOutBytes: { name: "fan-out, sent to each viewer", unit: "kB" },
  turns: { name: "30 parallel turns of 50 tokens (ideal 500)", unit: "ms", budget: atMost(800) },
  largeList: { name: "sessions.list page at 10,000 sessions, p95", unit: "ms", budget: atMost(20) },
  longHistory: { name: "chat.history of 200 messages, p95", unit: "ms", budget: atMost(20) },
  largeListDeep: { name: "sessions.list, page by page to the last of 10,000, p95", unit: "ms", budget: atMost(20) },
  deepOpen: { name: "a session of 100,000 messages, newest 200, p95", unit: "ms", budget: atMost(20) },
  deepBack: { name: "the same, pages of 200 backward by cursor, p95", unit: "ms", budget: atMost(20) },
  deepForth: { name: "the same, pages of 200 forward from the middle, p95", unit: "ms", budget: atMost(20) },
  resume: { name: "the rest of a stream of 300 tokens after a cut, p95", unit: "ms", budget: atMost(20) },
  memoryAfter: { name: `memory after all that, ${memoryKind}`, unit: "MB", budget: atMost(200) },
  memoryRested: { name: `the same after 15 s of rest, ${memoryKind}`, unit: "MB" },
} satisfies Record<string, Metric>;

export type RequestKind = { method: string; params?: object; rate: Metric; p50: Metric; p95: Metric; p99: Metric };

/** Cheap reads of a gateway with 60 sessions, 64 of them unanswered at any time. */
export const requestKinds: readonly RequestKind[] = [
  requestKind("health", "health", atLeastOfLimit(1 / 3)),
  requestKind("status", "status", atLeastOfLimit(1 / 3)),
  requestKind("agents.list", "agents.list", atLeastOfLimit(1 / 3)),
  requestKind("config.get", "config.get", atLeastOfLimit(1 / 3)),
  requestKind("models.list", "models.list", atLeastOfLimit(1 / 3)),
  requestKind("sessions.list", `sessions.list of ${smallState.sessions}`, atLeast(10_000)),
  requestKind("chat.history", `chat.history of ${smallState.shortMessages}`, atLeast(10_000), {
    sessionKey: smallState.shortHistory,
  }),
];

function requestKind(method: string, name: string, budget: Budget, params?: object): RequestKind {
  return {
    method,
    ...(params && { params }),
    rate: { name, unit: "/s", budget },
    p50: { name: `${name}, p50`, unit: "ms", detail: true },
    p95: { name: `${name}, p95`, unit: "ms", detail: true },
    p99: { name: `${name}, p99`, unit: "ms", detail: true },
  };
}
