import { join } from "node:path";
import { atMost } from "./budgets.ts";
import { measureSoak, type SoakLoad } from "./measure/soak.ts";
import { startProvider } from "./process/provider.ts";
import { createGatewayTarget } from "./process/target.ts";
import { memoryKind } from "./process/usage.ts";
import type { Results } from "./results.ts";
import { writeStateFolder } from "./state-folder.ts";

const load: SoakLoad = { turns: 20_000, sessions: 2_000, connects: 10_000, steps: 10 };
const probe = new URL("servers/memory-probe.ts", import.meta.url).pathname;
/** Growth of the memory between the first tenth of a soak and its end: a tenth, or so many megabytes. */
const allowedGrowthMb = 30;

/** A long life in short against one gateway: what it holds after a tenth of it and at its end. */
export async function runSoak(deps: {
  entry: string;
  folder: string;
  results: Results;
  say: (line: string) => void;
}): Promise<void> {
  const { entry, folder, results, say } = deps;
  const provider = await startProvider(folder);
  const stateDir = join(folder, "soak");
  writeStateFolder(stateDir, { providerPort: provider.port, agents: 1 });
  const memoryFile = join(folder, "memory.json");
  const env = { NODE_OPTIONS: `--import=${probe}`, BENCH_MEMORY_FILE: memoryFile };
  const target = await createGatewayTarget({ entry, stateDir, folder, env }).start();
  const readings = await measureSoak(target, load, {
    memoryFile,
    stateDir,
    say: ({ turns, connects, memoryBytes, heapUsed, heapTotal, databaseBytes, logBytes }) =>
      say(
        `${turns} turns, ${connects} connects: ${memoryKind} ${mb(memoryBytes)}, heap ${mb(heapUsed)} of ${mb(heapTotal)}, database ${mb(databaseBytes)}, log ${mb(logBytes)}`,
      ),
  });
  await target.stop();
  await provider.stop();
  const [first, last] = [readings[0]!, readings.at(-1)!];
  const allowedMb = Math.max(allowedGrowthMb, first.memoryBytes / 1e7);
  const growth = { name: `soak, growth of ${memoryKind} from 10 % to the end`, unit: "MB", budget: atMost(allowedMb) };
  results.add(growth, "ours", (last.memoryBytes - first.memoryBytes) / 1e6);
  results.add({ name: "soak, heap in use at 10 %", unit: "MB" }, "ours", first.heapUsed / 1e6);
  results.add({ name: "soak, heap in use at the end", unit: "MB" }, "ours", last.heapUsed / 1e6);
}

const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
