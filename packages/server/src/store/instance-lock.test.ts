import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acquireInstanceLock, AlreadyRunningError } from "./instance-lock.ts";

const program = fileURLToPath(new URL("../testing/hold-lock.ts", import.meta.url));
let folder: string;
let stateDir: string;
let lockPath: string;
const umask = process.umask();
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
  stateDir = join(folder, "state");
  lockPath = join(stateDir, "gateway.lock");
});
afterEach(async () => {
  process.umask(umask);
  await Promise.all(children.splice(0).map(end));
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process that takes the lock; resolves with it and the line it said. */
async function start(): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ["--expose-gc", program, stateDir], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: chunk.toString("utf8").trim() };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

describe("between processes", () => {
  test("the second is refused at once and told who holds the folder", async () => {
    const first = await start();
    expect(first.said).toBe("held");
    const refusal = await acquireInstanceLock(stateDir, lockPath).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AlreadyRunningError);
    expect(refusal).toMatchObject({
      holder: { pid: first.child.pid, url: "http://127.0.0.1:1/", startedAt: expect.any(String) },
    });
    const second = await start();
    expect(second.said).toContain(
      `AlreadyRunningError: a gateway with process id ${first.child.pid} holds ${stateDir} at http://127.0.0.1:1/`,
    );
  });

  test("a killed holder leaves nothing that stops the next, again and again", { timeout: 60_000 }, async () => {
    for (let cycle = 0; cycle < 20; cycle++) {
      const { child, said } = await start();
      expect(said).toBe("held");
      await end(child);
    }
    (await acquireInstanceLock(stateDir, lockPath)).release();
  });

  test("of several that start together one wins", async () => {
    const said = await Promise.all(Array.from({ length: 4 }, async () => (await start()).said));
    expect(said.filter((line) => line === "held")).toHaveLength(1);
    expect(said.filter((line) => line.startsWith("AlreadyRunningError"))).toHaveLength(3);
  });
});

describe("in one process", () => {
  test("held until released, and releasing twice is harmless", async () => {
    const lock = await acquireInstanceLock(stateDir, lockPath);
    await expect(acquireInstanceLock(stateDir, lockPath)).rejects.toBeInstanceOf(AlreadyRunningError);
    await expect(acquireInstanceLock(stateDir, lockPath)).rejects.toMatchObject({ holder: { pid: process.pid } });
    lock.release();
    lock.release();
    (await acquireInstanceLock(stateDir, lockPath)).release();
  });

  test.each([0o000, 0o777])("files and folder are private with umask %o", async (mask) => {
    process.umask(mask);
    const lock = await acquireInstanceLock(stateDir, lockPath);
    await lock.announce("http://127.0.0.1:1/");
    process.umask(umask);
    lock.release();
    expect((await stat(stateDir)).mode & 0o777).toBe(0o700);
    expect((await readdir(stateDir)).toSorted()).toEqual(["gateway.lock", "gateway.lock.json"]);
    for (const name of await readdir(stateDir)) expect((await stat(join(stateDir, name))).mode & 0o777).toBe(0o600);
  });

  test("what another program left under the name is no obstacle", async () => {
    (await acquireInstanceLock(stateDir, lockPath)).release();
    await writeFile(lockPath, '{"pid":1,"createdAt":"yesterday"}'.repeat(40));
    const lock = await acquireInstanceLock(stateDir, lockPath);
    await expect(acquireInstanceLock(stateDir, lockPath)).rejects.toBeInstanceOf(AlreadyRunningError);
    lock.release();
  });

  test.each(["", "null", "{", '{"pid":"x"}', '{"pid":-1}', '{"pid":4194304999}', "[1]"])(
    "a holder's note of %j names nobody",
    async (note) => {
      const lock = await acquireInstanceLock(stateDir, lockPath);
      await writeFile(`${lockPath}.json`, note);
      await expect(acquireInstanceLock(stateDir, lockPath)).rejects.toThrow(`another gateway holds ${stateDir}`);
      lock.release();
    },
  );
});
