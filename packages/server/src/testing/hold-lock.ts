// Run as a process by the tests of the instance lock: takes the lock of the given folder, says so, and stays. Keeps no
// reference to the lock; with --expose-gc it collects before it says anything.
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { acquireInstanceLock } from "../store/instance-lock.ts";

async function take(): Promise<void> {
  const lock = await acquireInstanceLock(stateDir, join(stateDir, "gateway.lock"));
  await lock.announce("http://127.0.0.1:1/");
}

async function letCollect(): Promise<void> {
  await setImmediate();
  globalThis.gc?.();
  await setImmediate();
}

const stateDir = process.argv[2] ?? "";
try {
  await take();
  await letCollect();
  process.stdout.write("held\n");
  process.stdin.resume().on("end", () => process.exit(0));
} catch (error) {
  process.stdout.write(`${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\n`);
}
