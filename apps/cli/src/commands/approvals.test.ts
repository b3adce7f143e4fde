import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createInstallation, type TestInstallation } from "../testing/cli-process.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let installation: TestInstallation;
beforeAll(async () => {
  installation = await createInstallation();
  await installation.startGateway();
});
afterAll(() => installation[Symbol.asyncDispose]());

const run = async (...args: string[]) => {
  const { code, stdout, stderr } = await installation.run(["approvals", ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
};
const ask = (id: string, command: string) =>
  installation.run([
    "gateway",
    "call",
    "exec.approval.request",
    "--params",
    JSON.stringify({ id, command, timeoutMs: 30_000 }),
  ]);

describe("openclaw approvals", () => {
  test("the policy is shown, changed and replaced", async () => {
    expect(await run("get", "--gateway")).toContain("security allowlist, ask on-miss, without an answer deny");
    expect(await run("allowlist", "add", "--agent", "main", "/usr/bin/uptime")).toMatch(/main +\/usr\/bin\/uptime/);
    expect(await run("allowlist", "add", "/usr/bin/rg", "--gateway")).toMatch(/\* +\/usr\/bin\/rg/);
    expect(await run("allowlist", "remove", "/usr/bin/rg")).not.toContain("/usr/bin/rg");
    const missing = await installation.run(["approvals", "allowlist", "remove", "/usr/bin/rg"]);
    expect(missing.stderr).toContain("the allow-list of * has no /usr/bin/rg");
    expect((await installation.run(["approvals", "allowlist", "add", "rg"])).stderr).toContain("not a path: rg");
    const path = join(installation.stateDir, "policy.json");
    await writeFile(path, JSON.stringify({ version: 1, defaults: { security: "deny" } }));
    expect(await run("set", "--file", path)).toContain("security deny");
    expect(JSON.parse(await run("get", "--json"))).toMatchObject({
      exists: true,
      file: { defaults: { security: "deny" } },
    });
  });

  test("T-E4: what waits is shown whole, and decided by the beginning of its id", async () => {
    expect(await run("list")).toBe("Nothing waits for a decision.\n");
    const command = `echo ${"a".repeat(500)}\nrm -rf ./\u202Ex`;
    const asking = ask("abcd-1234", command);
    await expect.poll(() => run("list"), { timeout: 20_000 }).toContain("abcd-1234");
    expect(await run("list")).toContain(`echo ${"a".repeat(500)}⟦newline⟧rm -rf ./⟦U+202E⟧x\n`);
    expect(await run("resolve", "abcd", "deny")).toMatch(/^deny: echo a+⟦newline⟧rm/);
    expect(JSON.parse((await asking).stdout)).toMatchObject({ id: "abcd-1234", decision: "deny" });
    const late = await installation.run(["approvals", "resolve", "abcd", "allow-once"]);
    expect(late.stderr).toContain("nothing with the id abcd waits");
    expect((await installation.run(["approvals", "resolve", "abcd", "maybe"])).code).not.toBe(0);
  });
});
