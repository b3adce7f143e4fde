import { type Address, openConnection } from "../driver/wire-connection.ts";

/** Connects, waits for `hello-ok` and closes, one after the other. */
export async function measureConnections(address: Address, durationMs: number): Promise<number> {
  const beginMs = performance.now();
  let done = 0;
  for (; performance.now() - beginMs < durationMs; done++) {
    const connection = await openConnection(address);
    await connection.close();
  }
  return done / ((performance.now() - beginMs) / 1_000);
}
