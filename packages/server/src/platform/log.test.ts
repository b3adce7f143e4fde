import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openLog } from "./log.ts";
import { tailLogFile } from "./log-tail.ts";
import { openRotatingFile } from "./rotating-file.ts";
import { Secret } from "./secret.ts";

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "log-"));
  file = join(dir, "logs", "gateway.log");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dir, { recursive: true, force: true });
});

const entries = async (path = file): Promise<Record<string, unknown>[]> =>
  (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("lines are JSON, private, and those from before the logger was loaded come first", async () => {
  const log = openLog({ level: "info", file });
  log.info({ a: 1 }, "early");
  log.debug({}, "below the level");
  await log.flush();
  log.child({ part: "x" }).warn({ b: 2 }, "late");
  await log.flush();
  expect(await entries()).toMatchObject([
    { level: 30, a: 1, msg: "early", pid: process.pid, time: expect.stringMatching(/^\d{4}-.*Z$/) },
    { level: 40, part: "x", b: 2, msg: "late" },
  ]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, "logs"))).mode & 0o777).toBe(0o700);
});

test("the level can change while it runs, also before the logger is loaded", async () => {
  const log = openLog({ level: "info", file });
  log.setLevel("debug");
  log.debug({}, "first");
  await log.flush();
  log.setLevel("silent");
  log.error({}, "unheard");
  log.setLevel("warn");
  log.info({}, "unheard");
  log.warn({}, "last");
  await log.flush();
  expect((await entries()).map(({ msg }) => msg)).toEqual(["first", "last"]);
});

test("silent writes nothing", async () => {
  const log = openLog({ level: "silent", file });
  log.error({}, "unheard");
  await log.flush();
  expect(await readdir(dir)).toEqual([]);
});

test("no secret reaches file or echo", async () => {
  const echoed: string[] = [];
  const log = openLog({ level: "trace", file, echo: { level: "trace", write: (line) => void echoed.push(line) } });
  const failure = Object.assign(
    new Error("GET https://u:canary-1@host/?token=canary-2 failed", {
      cause: new Error("Authorization: Bearer canary-3"),
    }),
    {
      requestBodyValues: { prompt: "canary-4" },
      code: "E_PROVIDER",
    },
  );
  log.error({ err: failure }, "provider failed");
  log.info(
    {
      secret: new Secret("canary-5"),
      plain: new Secret("canary-6"),
      config: { list: [{ deep: { more: { apiKey: "canary-7" } } }] },
    },
    "settings",
  );
  log.info(
    { headers: { "X-Any": "canary-8" }, url: "ws://h/?token=canary-9" },
    "connect to ws://h/?token=canary-10 with Bearer canary-11",
  );
  await log.flush();
  const text = (await readFile(file, "utf8")) + echoed.join("");
  expect(text).not.toContain("canary");
  expect(echoed).toHaveLength(3);
  expect((await entries())[0]).toMatchObject({
    err: {
      type: "Error",
      code: "E_PROVIDER",
      message: expect.stringContaining("failed"),
      cause: { message: expect.any(String) },
    },
  });
});

test("what cannot be written down does not throw", async () => {
  const log = openLog({ level: "info", file });
  const circle: Record<string, unknown> = { big: 10n };
  circle["self"] = circle;
  log.info({ circle }, "circle");
  log.info(
    {
      get broken() {
        throw new Error("no");
      },
    },
    "getter",
  );
  log.info(
    {
      bad: {
        toJSON: () => {
          throw new Error("no");
        },
      },
    },
    "json",
  );
  await log.flush();
  log.info(
    {
      bad: {
        toJSON: () => {
          throw new Error("no");
        },
      },
    },
    "json again",
  );
  log.info({}, "after");
  await log.flush();
  expect((await entries()).at(-1)).toMatchObject({ msg: "after" });
});

test("large files are rotated, the oldest go, and a reader of the log is told", async () => {
  const log = openLog({ level: "info", file, maxBytes: 2_000 });
  let cursor = 0;
  for (let index = 0; index < 100; index++) {
    log.info({ index, filler: "x".repeat(100) }, "line");
    if (index % 5 === 0) await log.flush();
    if (index === 5) ({ cursor } = await tailLogFile(file, {}));
  }
  await log.flush();
  expect((await readdir(join(dir, "logs"))).toSorted()).toEqual([
    "gateway.log",
    "gateway.log.1",
    "gateway.log.2",
    "gateway.log.3",
  ]);
  const kept = (await Promise.all([`${file}.3`, `${file}.2`, `${file}.1`, file].map(entries)))
    .flat()
    .map(({ index }) => index);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, place) => 100 - kept.length + place));
  expect((await tailLogFile(file, { cursor: cursor + 1 })).reset).toBe(true);
});

describe("a file that resists", () => {
  test("is told once, costs only lines, and is taken up again", async () => {
    const faults: unknown[] = [];
    await writeFile(join(dir, "logs"), "in the way");
    const sink = openRotatingFile({ path: file, maxBytes: 1_000, keep: 1, onFault: (error) => faults.push(error) });
    sink.write("lost\n");
    await sink.flush();
    sink.write("lost too\n");
    await sink.flush();
    expect(faults).toEqual([expect.objectContaining({ code: "ENOTDIR" })]);
    await rm(join(dir, "logs"));
    sink.write("kept\n");
    await sink.flush();
    expect(await readFile(file, "utf8")).toBe("kept\n");
  });

  test.runIf(process.platform === "linux")("a full disk does not end the process", async () => {
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const log = openLog({ level: "info", file: "/dev/full" });
    for (let index = 0; index < 3; index++) {
      log.info({}, "no room");
      await log.flush();
    }
    expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("ENOSPC"));
  });

  test("an existing folder keeps its mode, an existing file is narrowed", async () => {
    await mkdir(join(dir, "logs"));
    await writeFile(file, "");
    await chmod(join(dir, "logs"), 0o755);
    await chmod(file, 0o644);
    const log = openLog({ level: "info", file });
    log.info({}, "x");
    await log.flush();
    expect((await stat(join(dir, "logs"))).mode & 0o777).toBe(0o755);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

test("more than memory may hold is dropped and counted", async () => {
  const sink = openRotatingFile({ path: file, maxBytes: 64 * 1024 * 1024, keep: 1, onFault: () => {} });
  const line = `${"x".repeat(1_023)}\n`;
  for (let index = 0; index < 9_000; index++) sink.write(line);
  await sink.flush();
  sink.write("after\n");
  await sink.flush();
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  expect(lines.at(-1)).toBe("after");
  expect(lines.at(-2)).toMatch(/\d+ lines were dropped/);
  expect(lines.length).toBeLessThan(6_000);
});
