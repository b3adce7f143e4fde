import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tailLogFile } from "./log-tail.ts";

let dir: string;
let file: string;
const text = "one\ntwo\nthree\n";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "tail-"));
  file = join(dir, "x.log");
  await writeFile(file, text);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test.each([
  ["the end", {}, { lines: ["one", "two", "three"], cursor: 14, reset: false, truncated: false }],
  ["a limit", { limit: 2 }, { lines: ["two", "three"], truncated: true }],
  ["from a position", { cursor: 4 }, { lines: ["two", "three"], reset: false, truncated: false }],
  ["nothing new", { cursor: 14 }, { lines: [], reset: false }],
  ["a position past the end", { cursor: 99 }, { lines: ["one", "two", "three"], reset: true }],
  ["a cut first line is left out", { maxBytes: 8 }, { lines: ["three"], truncated: true }],
  ["too far behind", { cursor: 0, maxBytes: 8 }, { lines: ["three"], reset: true, truncated: true }],
  ["so few bytes that no line fits", { maxBytes: 3 }, { lines: [], truncated: true }],
])("%s", async (_name, request, expected) => {
  expect(await tailLogFile(file, request)).toMatchObject({ file, size: 14, ...expected });
});

test("no file yet", async () => {
  expect(await tailLogFile(join(dir, "none"), {})).toMatchObject({ lines: [], cursor: 0, size: 0, reset: false });
});
