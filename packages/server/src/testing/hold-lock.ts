// Run as a process by the tests of the instance lock: takes the lock of the given folder, says so, and stays.
import { join } from "node:path";
import { acquireInstanceLock } from "../store/instance-lock.ts";

const stateDir = process.argv[2] ?? "";
try {
  const lock = await acquireInstanceLock(stateDir, join(stateDir, "gateway.lock"));
  await lock.announce("http://127.0.0.1:1/");
  process.stdout.write("held\n");
  process.stdin.resume().on("end", () => process.exit(0));
} catch (error) {
  process.stdout.write(`${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\n`);
}
