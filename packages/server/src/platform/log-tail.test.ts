import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
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
  ["a position within a line", { cursor: 5 }, { lines: ["one", "two", "three"], reset: true }],
  ["a page that begins with a line", { maxBytes: 10 }, { lines: ["two", "three"], truncated: true }],
  ["a cut first line is left out", { maxBytes: 8 }, { lines: ["three"], truncated: true }],
  ["too far behind", { cursor: 0, maxBytes: 8 }, { lines: ["three"], reset: true, truncated: true }],
  ["so few bytes that no line fits", { maxBytes: 3 }, { lines: [], truncated: true }],
])("%s", async (_name, request, expected) => {
  expect(await tailLogFile(file, request)).toMatchObject({ file, size: 14, ...expected });
});

test("a line that is still being written comes whole with the next page", async () => {
  const path = join(dir, "growing.log");
  await writeFile(path, "one\ntw");
  const first = await tailLogFile(path, {});
  expect(first).toMatchObject({ lines: ["one"], cursor: 4, size: 6 });
  await appendFile(path, "ö\nthree\n");
  expect(await tailLogFile(path, { cursor: first.cursor })).toMatchObject({ lines: ["twö", "three"], reset: false });
});

test("pages that follow each other hold every line once, whatever the pieces they were written in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: "grapheme", maxLength: 9 }).map((text) => text.replaceAll("\n", "↵")),
        { maxLength: 20 },
      ),
      async (pieces) => {
        const path = join(dir, "pieces.log");
        await writeFile(path, "");
        const seen: string[] = [];
        let cursor = 0;
        for (const [index, piece] of pieces.entries()) {
          await appendFile(path, `${piece}${index % 3 === 0 ? "" : "\n"}`);
          const page = await tailLogFile(path, { cursor });
          expect(page.reset).toBe(false);
          seen.push(...page.lines);
          ({ cursor } = page);
        }
        const whole = pieces.map((piece, index) => `${piece}${index % 3 === 0 ? "" : "\n"}`).join("");
        expect(seen).toEqual(
          whole
            .slice(0, whole.lastIndexOf("\n") + 1)
            .split("\n")
            .filter((line) => line !== ""),
        );
      },
    ),
    { numRuns: casesOf(500) },
  );
});

test("no file yet", async () => {
  expect(await tailLogFile(join(dir, "none"), {})).toMatchObject({ lines: [], cursor: 0, size: 0, reset: false });
});
