import { copyFile, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AllowlistEntry } from "@openclaw-gateway/protocol";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createTempFolder } from "../testing/test-databases.ts";
import { findCoverage, globExpression } from "./allowlist.ts";
import { makePlan } from "./exec-plan.ts";
import { parsePlainArgv } from "./plain-argv.ts";
import { beyondItsProgram, canBeAllowedAlways } from "./programs.ts";

let folder: string;
let bin: string;
let workspace: string;
beforeEach(async () => {
  const temporary = await createTempFolder();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  folder = await realpath(temporary.path);
  [bin, workspace] = [join(folder, "bin"), join(folder, "workspace")];
  await mkdir(bin);
  await mkdir(workspace);
  for (const name of ["tool", "find", "sort", "python3.11", "env", "tar", "sudo", "timeout"]) {
    await writeFile(join(bin, name), "#!/bin/true\n", { mode: 0o755 });
  }
});

async function missOf(command: string, entry: Partial<AllowlistEntry>, cwd = workspace): Promise<string | undefined> {
  const parsed = parsePlainArgv(command);
  if ("problem" in parsed) return parsed.problem;
  const plan = await makePlan({ argv: parsed.argv, cwd, env: { PATH: `${bin}:/usr/bin:/bin` } });
  if ("problem" in plan) return plan.problem;
  const found = await findCoverage(plan, [{ pattern: join(bin, "*"), ...entry }], { workspace, nowMs: 1_000 });
  return "miss" in found ? found.miss : undefined;
}

describe("an allow-list entry", () => {
  test("covers a program, by path or pattern", async () => {
    expect(await missOf("tool a b", { pattern: join(bin, "tool") })).toBeUndefined();
    expect(await missOf("tool a b", { pattern: join(folder, "**") })).toBeUndefined();
    expect(await missOf(`${bin}/tool`, { pattern: join(bin, "to?l") })).toBeUndefined();
    for (const pattern of ["tool", "*", "**", "", join(folder, "*"), join(bin, "TOOL"), `${join(bin, "tool")}x`])
      expect(await missOf("tool", { pattern }), pattern).toBeDefined();
  });

  test("with words covers those words only, until it expires", async () => {
    expect(await missOf("tool a 'b c'", { argv: ["tool", "a", "b c"] })).toBeUndefined();
    for (const command of ["tool", "tool a", "tool a b c", "tool a 'b c' d", `${bin}/tool a 'b c'`])
      expect(await missOf(command, { argv: ["tool", "a", "b c"] }), command).toBeDefined();
    expect(await missOf("tool", { expiresAtMs: 1_001 })).toBeUndefined();
    expect(await missOf("tool", { expiresAtMs: 1_000 })).toBeDefined();
  });

  test("globs stay in their folder unless they say otherwise", () => {
    expect(globExpression("/a/*").test("/a/b/c")).toBe(false);
    expect(globExpression("/a/**/c").test("/a/c")).toBe(true);
    expect(globExpression("/a/**/c").test("/a/b/b/c")).toBe(true);
    expect(globExpression("/a.b/(c)").test("/a.b/(c)")).toBe(true);
    expect(globExpression("/a.b").test("/axb")).toBe(false);
  });
});

describe("T-E5: an entry for a program never covers what runs something else", () => {
  test.each([
    "env tool",
    "sudo tool",
    "timeout 1 tool",
    "sh -c id",
    "bash id",
    "nice tool",
    "xargs tool",
    "busybox sh",
    "find . -exec id",
    "find . -delete",
    "find -execdir id",
    "sort --compress-program=sh x",
    "sort --compress-prog=sh x",
    "sort --comp sh",
    "sort --c=sh",
    "sort -o x",
    "sort -uo x",
    "tar --use-compress-prog=x",
    "tar --checkpoint-a=exec=sh",
    "tar -xIsh f",
    "python3.11 -c 1",
    "python3.11 -",
    "python3.11",
    "python3.11 -mpdb",
    "python3.11 '' x",
  ])("T-E5: %s", async (command) => {
    expect(await missOf(command, { pattern: "/**" })).toBeDefined();
  });

  test("T-E5: what is harmless stays allowed", async () => {
    for (const command of ["find . -name x", "sort -n x", "tar -tf x.tar", "python3.11 /opt/script.py -c"])
      expect(await missOf(command, { pattern: join(bin, "*") }), command).toBeUndefined();
  });

  test.each([
    "ENV",
    "Sudo",
    "bash-5.1",
    "python3.12",
    "busybox.static",
    "dash",
    "env.exe",
    "perl5.36.0",
    "ld-linux-x86-64.so.2",
  ])("T-E5: %s is known by any spelling", (name) => {
    expect(canBeAllowedAlways([`/usr/bin/${name}`])).toBe(false);
    expect(beyondItsProgram(["x", "-c", "id"], ["x", `/opt/${name}`])).toBeDefined();
  });

  test("T-E5: links and copies under another name do not hide a program", async () => {
    await symlink("/bin/sh", join(bin, "harmless"));
    expect(await missOf("harmless -c id", { pattern: join(bin, "harmless") })).toMatch(/runs other commands/);
    expect(await missOf("harmless -c id", { pattern: join(bin, "*") })).toMatch(/not on the allow-list/);
  });

  test("T-E5: a program that the agent could have written is not covered", async () => {
    await copyFile("/bin/ls", join(workspace, "ls"));
    expect(await missOf("./ls", { pattern: join(workspace, "ls") })).toMatch(/folder the agent works in/);
    expect(await missOf("../bin/tool", { pattern: join(bin, "tool") }, bin)).toMatch(/folder the agent works in/);
  });
});
