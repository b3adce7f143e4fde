import { createCallMetrics } from "./call-metrics.ts";
import { createDatabaseMetrics } from "./database-metrics.ts";
import { createHttpMetrics } from "./http-metrics.ts";
import { createCounter, type Instrument } from "./instruments.ts";
import { createTurnMetrics } from "./turn-metrics.ts";

/**
 * What the gateway counts of itself: plain numbers where things happen, and a page in the text format of Prometheus when
 * somebody asks. Nothing here starts a timer or loads a library before the first scrape.
 */
export function createMetrics() {
  const turns = createTurnMetrics();
  const database = createDatabaseMetrics();
  const http = createHttpMetrics();
  const handshakes = createCounter({
    name: "openclaw_handshakes_total",
    help: "Connects that were decided, by outcome: ok, or the code of the refusal.",
    labels: ["outcome"],
  });
  const slow = createCounter({
    name: "openclaw_slow_consumers_total",
    help: "Connections closed because they did not read.",
    labels: [],
  });
  const added: Instrument[] = [];
  let ofProcess: Promise<readonly Instrument[]> | undefined;

  return {
    handshakes,
    slow,
    turnWatch: turns.watch,
    measureDatabase: database.measured,
    measureRouter: (router: Parameters<typeof createCallMetrics>[0]) => {
      const calls = createCallMetrics(router);
      added.push(calls.instrument);
      return calls.router;
    },
    http: http.middleware,
    /** Numbers that live elsewhere and are asked for when somebody looks. */
    add: (...instruments: Instrument[]): void => void added.push(...instruments),
    page: async (): Promise<string> => {
      ofProcess ??= import("./process-metrics.ts").then(({ createProcessMetrics }) => createProcessMetrics());
      const lines: string[] = [];
      const own = [...added, handshakes, slow, ...turns.instruments, ...database.instruments, ...http.instruments];
      for (const instrument of [...own, ...(await ofProcess)]) instrument.write(lines);
      return `${lines.join("\n")}\n`;
    },
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
