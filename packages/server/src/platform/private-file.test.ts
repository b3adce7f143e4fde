import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPrivateFile, makePrivateFolder, writePrivateFile } from "./private-file.ts";

const umask = process.umask();
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "private-"));
});
afterEach(async () => {
  process.umask(umask);
  await rm(dir, { recursive: true, force: true });
});
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe.each([
  ["none", 0o000],
  ["usual", 0o022],
  ["everything", 0o777],
])("umask %s", (_name, mask) => {
  test("files and folders are their owner's alone", async () => {
    process.umask(mask);
    const file = join(dir, "a", "b", "file");
    await writePrivateFile(file, "one");
    await writePrivateFile(file, "two");
    await createPrivateFile(join(dir, "a", "new"), "three");
    process.umask(umask);
    expect(await readFile(file, "utf8")).toBe("two");
    expect(await readFile(join(dir, "a", "new"), "utf8")).toBe("three");
    expect([
      await mode(join(dir, "a")),
      await mode(join(dir, "a", "b")),
      await mode(file),
      await mode(join(dir, "a", "new")),
    ]).toEqual(["700", "700", "600", "600"]);
    expect(await readdir(join(dir, "a", "b"))).toEqual(["file"]);
  });
});

test("a folder that exists keeps its mode", async () => {
  const shared = join(dir, "shared");
  await mkdir(shared);
  await chmod(shared, 0o755);
  await makePrivateFolder(shared);
  expect(await mode(shared)).toBe("755");
});

test("a file where a folder should be is refused", async () => {
  await writeFile(join(dir, "file"), "");
  await expect(makePrivateFolder(join(dir, "file", "below"))).rejects.toThrow("ENOTDIR");
});

test("a wide file becomes private when it is replaced", async () => {
  await writeFile(join(dir, "file"), "old");
  await chmod(join(dir, "file"), 0o666);
  await writePrivateFile(join(dir, "file"), "new");
  expect(await mode(join(dir, "file"))).toBe("600");
});

test("of two that create the same file one wins and nothing is left over", async () => {
  const results = await Promise.allSettled(
    ["a", "b", "c"].map((content) => createPrivateFile(join(dir, "file"), content)),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []))).toEqual([
    expect.objectContaining({ code: "EEXIST" }),
    expect.objectContaining({ code: "EEXIST" }),
  ]);
  expect(await readdir(dir)).toEqual(["file"]);
});

test("a file that cannot be placed leaves no draft", async () => {
  await mkdir(join(dir, "taken", "full"), { recursive: true });
  await expect(writePrivateFile(join(dir, "taken"), "x")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(await readdir(dir)).toEqual(["taken"]);
});
