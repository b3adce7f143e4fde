import { monitorEventLoopDelay } from "node:perf_hooks";
import { createGauge, type Instrument } from "./instruments.ts";

/** What Prometheus expects of every process, and how late the event loop is. Its clock starts with the first scrape. */
export function createProcessMetrics(): readonly Instrument[] {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const one = (name: string, help: string, read: () => number, type: "gauge" | "counter" = "gauge"): Instrument =>
    createGauge({ name, help, labels: [] }, () => [[[], read()]], type);
  const late = (percentile: number): number => (delay.count === 0 ? 0 : delay.percentile(percentile) / 1e9);
  const startedAt = Date.now() / 1_000 - process.uptime();
  const cpuSeconds = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  };
  return [
    one("process_cpu_seconds_total", "CPU time used.", cpuSeconds, "counter"),
    one("process_start_time_seconds", "Start of the process, Unix time.", () => startedAt),
    one("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss()),
    one("nodejs_heap_used_bytes", "Heap in use on the main thread.", () => process.memoryUsage().heapUsed),
    // Each scrape sees what was since the one before it.
    one("nodejs_eventloop_delay_p99_seconds", "Delay of the event loop, 99th percentile.", () => late(99)),
    one("nodejs_eventloop_delay_max_seconds", "Longest delay of the event loop.", () => {
      const longest = late(100);
      delay.reset();
      return longest;
    }),
  ];
}
