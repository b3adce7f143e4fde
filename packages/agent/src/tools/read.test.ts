import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { realClock } from "../testing/clocks.ts";
import { temporaryFolder } from "../testing/harness.ts";
import { readTool } from "./read.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let workspace: string;

beforeAll(async () => {
  folder = await temporaryFolder({
    "secret.txt": "TOP SECRET",
    "workspace-evil/secret.txt": "TOP SECRET",
    "workspace/NOTES.md": "one\ntwo\nthree\n",
    "workspace/sub/deep.txt": "deep",
    "workspace/...": "three dots",
    "workspace/-rf": "dash",
    "workspace/sp ace ü.txt": "odd name",
    "workspace/..hidden": "hidden",
  });
  workspace = join(folder.path, "workspace");
  await symlink("NOTES.md", join(workspace, "inside-link.md"));
  await symlink("../secret.txt", join(workspace, "outside-link.txt"));
  await symlink("/etc/passwd", join(workspace, "absolute-link"));
  await symlink("..", join(workspace, "up"));
  await symlink(folder.path, join(workspace, "sub/far"));
  await symlink("loop-b", join(workspace, "loop-a"));
  await symlink("loop-a", join(workspace, "loop-b"));
  await symlink("/dev/zero", join(workspace, "zero"));
  await symlink("../gone", join(workspace, "dangling"));
  await symlink("workspace", join(folder.path, "alias"));
  await promisify(execFile)("mkfifo", [join(workspace, "pipe")]);
  await mkdir(join(workspace, "folder"));
});
afterAll(async () => folder[Symbol.asyncDispose]());

const read = (args: Record<string, unknown>, from = workspace) =>
  readTool.run(args, {
    workspace: from,
    clock: realClock,
    signal: new AbortController().signal,
    update: () => {},
    warn: () => {},
  });
const textOf = async (args: Record<string, unknown>, from?: string) => (await read(args, from)).content[0]?.text;

describe("inside the workspace", () => {
  test.each([
    ["NOTES.md", "one\ntwo\nthree\n"],
    ["./NOTES.md", "one\ntwo\nthree\n"],
    ["sub/../NOTES.md", "one\ntwo\nthree\n"],
    ["sub//deep.txt", "deep"],
    ["inside-link.md", "one\ntwo\nthree\n"],
    ["...", "three dots"],
    ["-rf", "dash"],
    ["sp ace ü.txt", "odd name"],
    ["..hidden", "hidden"],
    ["up/workspace/NOTES.md", "one\ntwo\nthree\n"],
  ])("%s is read", async (path, text) => {
    expect(await textOf({ path })).toBe(text);
  });

  test("an absolute path that leads inside is read", async () => {
    expect(await textOf({ path: join(workspace, "sub/deep.txt") })).toBe("deep");
  });

  test("a workspace that is itself a link is a workspace", async () => {
    const alias = join(folder.path, "alias");
    expect(await textOf({ path: "sub/deep.txt" }, alias)).toBe("deep");
    expect(await textOf({ path: join(alias, "sub/deep.txt") }, alias)).toBe("deep");
    await expect(read({ path: "../secret.txt" }, alias)).rejects.toThrow("outside the workspace");
  });
});

describe("outside the workspace", () => {
  test.each([
    "../secret.txt",
    "sub/../../secret.txt",
    "./../secret.txt",
    "..",
    "../does-not-exist",
    "../workspace-evil/secret.txt",
    "/etc/passwd",
    "/dev/null",
    "//etc/passwd",
    "/proc/self/environ",
    "outside-link.txt",
    "absolute-link",
    "up/secret.txt",
    "sub/far/secret.txt",
    "zero",
  ])("%s is refused", async (path) => {
    await expect(read({ path })).rejects.toThrow(`${path} is outside the workspace`);
  });

  test.each([
    "%2e%2e/secret.txt",
    "..%2fsecret.txt",
    "..\\secret.txt",
    "~/secret.txt",
    "file:///etc/passwd",
    "．．/secret.txt",
    "..;/secret.txt",
  ])("%s is only a name, and no such file is there", async (path) => {
    await expect(read({ path })).rejects.toThrow("does not exist");
  });
});

test.each([
  ["NOTES.md\0.txt", "NUL"],
  ["\0", "NUL"],
  ["", "invalid arguments"],
  ["missing.md", "missing.md does not exist"],
  ["NOTES.md/x", "does not exist"],
  ["dangling", "does not exist"],
  ["loop-a", "leads in a circle"],
  ["folder", "not a regular file"],
  [".", "not a regular file"],
  ["pipe", "not a regular file"],
  ["x".repeat(5_000), "too long"],
])("%j is an error for the model", async (path, message) => {
  await expect(read({ path })).rejects.toThrow(message);
});

describe("pages", () => {
  test("offset and limit count lines from 1", async () => {
    const page = await read({ path: "NOTES.md", offset: 2, limit: 1 });
    expect(page).toEqual({
      content: [{ type: "text", text: "two\n\n[more follows; continue with offset 3]" }],
      details: { path: "NOTES.md", sizeBytes: 14, startLine: 2, endLine: 2, truncated: true },
    });
    expect(await textOf({ path: "NOTES.md", offset: 3 })).toBe("three\n");
    await expect(read({ path: "NOTES.md", offset: 4 })).rejects.toThrow("has no line 4");
    await expect(read({ path: "NOTES.md", offset: 0 })).rejects.toThrow("invalid arguments");
  });

  test("a long file is read whole by following the offsets", async () => {
    const lines = Array.from({ length: 9_000 }, (_, index) => `line ${index} ${"é".repeat(index % 40)}`);
    await writeFile(join(workspace, "long.txt"), lines.join("\n"));
    const found: string[] = [];
    for (let offset = 1; offset <= lines.length;) {
      const { content, details } = await read({ path: "long.txt", offset });
      expect(Buffer.byteLength(content[0]?.text ?? "")).toBeLessThan(50_100);
      found.push(...(content[0]?.text ?? "").replace(/\n\n\[more follows.*$/, "").split("\n"));
      offset = (details as { endLine: number }).endLine + 1;
    }
    expect(found).toEqual(lines);
  });

  test("a line that is too long is cut and said to be", async () => {
    await writeFile(join(workspace, "wide.txt"), `${"x".repeat(200_000)}\nnext`);
    const text = await textOf({ path: "wide.txt" });
    expect(text).toHaveLength(50_000 + "\n\n[line 1 is longer than 50 kB and is cut off]".length);
    expect(await textOf({ path: "wide.txt", offset: 2 })).toBe("next");
  });

  test("an empty file is empty; a binary one is refused", async () => {
    await writeFile(join(workspace, "empty"), "");
    await writeFile(join(workspace, "binary"), Buffer.from([1, 0, 2]));
    expect(await textOf({ path: "empty" })).toBe("");
    await expect(read({ path: "binary" })).rejects.toThrow("not a text file");
  });
});
