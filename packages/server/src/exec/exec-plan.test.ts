import { chmod, copyFile, mkdir, readFile, rename, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createTempFolder } from "../testing/test-databases.ts";
import { childEnvironment, refusedNames } from "./child-environment.ts";
import { type ExecPlan, makePlan, planHash, whatChanged } from "./exec-plan.ts";

let folder: string;
beforeEach(async () => {
  const temporary = await createTempFolder();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  folder = temporary.path;
  await mkdir(join(folder, "bin"));
  await mkdir(join(folder, "work"));
  await mkdir(join(folder, "other"));
  await writeFile(join(folder, "bin", "tool"), "#!/bin/sh\necho one\n", { mode: 0o755 });
});

async function planOf(over: Partial<Parameters<typeof makePlan>[0]> = {}): Promise<ExecPlan> {
  const plan = await makePlan({
    argv: ["tool", "a", "b c"],
    cwd: join(folder, "work"),
    env: { PATH: join(folder, "bin"), LANG: "C" },
    ...over,
  });
  if ("problem" in plan) throw new Error(plan.problem);
  return plan;
}

describe("T-E1: what was approved is what runs", () => {
  test("T-E1: the same request is the same plan", async () => {
    expect(planHash(await planOf())).toBe(planHash(await planOf()));
    expect(planHash(await planOf({ env: { LANG: "C", PATH: join(folder, "bin") } }))).toBe(planHash(await planOf()));
    expect(await whatChanged(await planOf())).toBeUndefined();
  });

  test.each<[string, () => Promise<ExecPlan>]>([
    ["words", () => planOf({ argv: ["tool", "a", "b", "c"] })],
    ["words joined", () => planOf({ argv: ["tool", "a b c"] })],
    ["order of words", () => planOf({ argv: ["tool", "b c", "a"] })],
    ["working folder", () => planOf({ cwd: join(folder, "other") })],
    ["environment value", () => planOf({ env: { PATH: join(folder, "bin"), LANG: "de" } })],
    ["environment name", () => planOf({ env: { PATH: join(folder, "bin"), LANG: "C", TZ: "" } })],
    ["spelling of the program", () => planOf({ argv: [join(folder, "bin", "tool"), "a", "b c"] })],
    ["host", async () => ({ ...(await planOf()), host: "node" }) as unknown as ExecPlan],
  ])("T-E1: another %s is another plan", async (_, other) => {
    expect(planHash(await other())).not.toBe(planHash(await planOf()));
  });

  test.each<[string, () => Promise<unknown>]>([
    ["its content is replaced", () => writeFile(join(folder, "bin", "tool"), "#!/bin/sh\necho two\n")],
    [
      "another file takes its place, equal in content",
      async () => {
        await copyFile(join(folder, "bin", "tool"), join(folder, "bin", "new"));
        await rename(join(folder, "bin", "new"), join(folder, "bin", "tool"));
      },
    ],
    [
      "a link takes its place",
      async () => {
        await rename(join(folder, "bin", "tool"), join(folder, "bin", "tool-real"));
        await symlink("/bin/sh", join(folder, "bin", "tool"));
      },
    ],
    ["it is gone", () => unlink(join(folder, "bin", "tool"))],
    ["it may not be run any more", () => chmod(join(folder, "bin", "tool"), 0o644)],
    [
      "the working folder becomes a link",
      async () => {
        await rename(join(folder, "work"), join(folder, "was"));
        await symlink(join(folder, "other"), join(folder, "work"));
      },
    ],
  ])("T-E1: the check before the run notices that %s", async (_, change) => {
    const plan = await planOf();
    await change();
    expect(await whatChanged(plan)).toMatch(/tool|work/);
  });

  test("T-E1: a link that is changed between approval and run is noticed", async () => {
    await symlink("/bin/ls", join(folder, "bin", "linked"));
    const plan = await planOf({ argv: ["linked"] });
    await unlink(join(folder, "bin", "linked"));
    await symlink("/bin/sh", join(folder, "bin", "linked"));
    expect(await whatChanged(plan)).toContain("linked is not the program it was");
  });

  test("only absolute folders are searched, and what cannot run is not found", async () => {
    expect(await makePlan({ argv: ["tool"], cwd: join(folder, "bin"), env: { PATH: ".:" } })).toEqual({
      problem: "there is no program tool",
    });
    expect(await makePlan({ argv: ["nothing"], cwd: folder, env: { PATH: "/bin" } })).toHaveProperty("problem");
    expect(await makePlan({ argv: ["tool"], cwd: join(folder, "none"), env: { PATH: "/bin" } })).toHaveProperty(
      "problem",
    );
    expect(await readFile(join(folder, "bin", "tool"), "utf8")).toContain("one");
  });
});

describe("T-E6: the environment of a command is an allow-list", () => {
  const own = {
    PATH: "/usr/bin:relative::/bin",
    HOME: "/home/a",
    LANG: "C",
    LC_ALL: "C",
    OPENCLAW_GATEWAY_TOKEN: "secret",
    ANTHROPIC_API_KEY: "secret",
    AWS_SECRET_ACCESS_KEY: "secret",
    SSH_AUTH_SOCK: "/tmp/agent",
    LD_PRELOAD: "/tmp/evil.so",
    NODE_OPTIONS: "--require /tmp/evil.js",
    BASH_ENV: "/tmp/evil",
    ENV: "/tmp/evil",
    IFS: "x",
    PYTHONPATH: "/tmp",
    GIT_SSH_COMMAND: "evil",
  };

  test("T-E6: nothing of the gateway's environment comes along that was not thought of", () => {
    const env = childEnvironment(own);
    expect(Object.keys(env).toSorted()).toEqual(["HOME", "LANG", "LC_ALL", "PATH", "TERM", "TMPDIR"]);
    expect(env["PATH"]).toBe("/usr/bin:/bin");
    expect(JSON.stringify(env)).not.toMatch(/secret|evil/);
    expect(childEnvironment({})["PATH"]).toContain("/usr/bin");
  });

  test("T-E6: a caller sets only what changes how output looks", () => {
    const asked = {
      TZ: "UTC",
      LC_TIME: "C",
      LD_PRELOAD: "x",
      PATH: "/tmp",
      path: "/tmp",
      Home: "/",
      "LC_X=1": "",
      NODE_OPTIONS: "x",
    };
    expect(refusedNames(asked).toSorted()).toEqual(["Home", "LC_X=1", "LD_PRELOAD", "NODE_OPTIONS", "PATH", "path"]);
    const env = childEnvironment(own, asked);
    expect(env).toMatchObject({ TZ: "UTC", LC_TIME: "C", PATH: "/usr/bin:/bin" });
    expect(env).not.toHaveProperty("LD_PRELOAD");
    expect(childEnvironment({}, { TZ: "a\0b" })).not.toHaveProperty("TZ");
  });
});
