import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

type Start = { args: readonly string[]; environment?: NodeJS.ProcessEnv };

function start(example: string, { args, environment }: Start): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: join(examples, example),
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs an example to its end. */
export async function runExample(example: string, options: Start) {
  const child = start(example, options);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (output += data.toString()));
  const [code] = await once(child, "close");
  return { code: code as unknown, output };
}

/** Starts an example that serves, and resolves with the address it prints. */
export async function serveExample(example: string, options: Start): Promise<{ origin: string } & AsyncDisposable> {
  const child = start(example, options);
  const closed = once(child, "close");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await closed;
  };
  let output = "";
  child.stderr?.on("data", (data: Buffer) => (output += data.toString()));
  if (child.stdout === null) throw new Error("no output to read");
  for await (const line of createInterface(child.stdout)) {
    output += `${line}\n`;
    const origin = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(line)?.[0];
    if (origin !== undefined) {
      child.stdout.resume();
      return { origin, [Symbol.asyncDispose]: stop };
    }
  }
  await closed;
  throw new Error(`${example} printed no address:\n${output}`);
}
