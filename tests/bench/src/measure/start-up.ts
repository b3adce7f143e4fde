import type { Target } from "../process/target.ts";

/** Process start → `hello-ok`, several times. */
export async function measureStarts(target: Target, times: number): Promise<number[]> {
  const startsMs: number[] = [];
  for (let round = 0; round < times; round++) {
    const running = await target.start();
    startsMs.push(running.startMs);
    await running.stop();
  }
  return startsMs;
}
