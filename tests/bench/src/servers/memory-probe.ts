// Loaded into the gateway of a soak before its own code: at SIGUSR2 it collects garbage and says what memory is used for.
import { writeFileSync } from "node:fs";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

const file = process.env["BENCH_MEMORY_FILE"];

if (isMainThread && file !== undefined) {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  process.on("SIGUSR2", () => {
    if (typeof collect === "function") for (let round = 0; round < 3; round++) collect();
    const { heapUsed, heapTotal, external, arrayBuffers, rss } = process.memoryUsage();
    const { malloced_memory: malloced } = getHeapStatistics();
    writeFileSync(`${file}.part`, JSON.stringify({ heapUsed, heapTotal, external, arrayBuffers, malloced, rss }));
    writeFileSync(file, JSON.stringify({ heapUsed, heapTotal, external, arrayBuffers, malloced, rss }));
  });
}
