import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createTempFolder } from "../testing/test-databases.ts";
import { createApprovalsFile } from "./approvals-file.ts";

let path: string;
beforeEach(async () => {
  const temporary = await createTempFolder();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  path = join(temporary.path, ".openclaw", "exec-approvals.json");
});

/** As the official gateway writes it. */
const official = {
  version: 1,
  socket: { path: "/home/a/.openclaw/exec-approvals.sock", token: "t" },
  defaults: { security: "deny", ask: "on-miss", askFallback: "deny", autoAllowSkills: false },
  agents: { main: { security: "allowlist", allowlist: [{ id: "e1", pattern: "/usr/bin/rg", lastUsedAt: 5 }] } },
  later: { kept: true },
};

describe("exec-approvals.json", () => {
  test("is not needed, and is made so that only its owner reads it", async () => {
    const file = createApprovalsFile(path);
    const before = await file.read();
    expect(before).toMatchObject({ exists: false, file: { version: 1, defaults: {}, agents: {} } });
    const after = await file.update(
      () => ({ version: 1, agents: { main: { allowlist: [{ pattern: "/bin/a" }] } } }),
      before.hash,
    );
    expect(after.exists).toBe(true);
    expect(after.file.agents?.["main"]?.allowlist?.[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, ".."))).toEqual(["exec-approvals.json"]);
    expect(await file.read()).toEqual(after);
  });

  test("of an existing installation is read and kept, with what this version does not know", async () => {
    await mkdir(join(path, ".."));
    await writeFile(path, JSON.stringify(official));
    const file = createApprovalsFile(path);
    const { file: read, hash } = await file.read();
    expect(read).toMatchObject(official);
    await file.update((current) => ({ ...current, socket: { path: "/s" } }), hash);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
      later: { kept: true },
      socket: { path: "/s", token: "t" },
    });
  });

  test("of two that saw the same file one writes, the other is told", async () => {
    const file = createApprovalsFile(path);
    const { hash } = await file.read();
    const set = (pattern: string) =>
      file.update(() => ({ version: 1, agents: { a: { allowlist: [{ pattern }] } } }), hash);
    const results = await Promise.allSettled([set("/one"), set("/two")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect((await file.read()).file.agents?.["a"]?.allowlist?.[0]?.pattern).toBe("/one");
  });

  test("an entry's words and end stay when a client that does not know them sends it back", async () => {
    const file = createApprovalsFile(path);
    const entry = { id: "e", pattern: "/bin/a", argv: ["a", "b"], expiresAtMs: 9 };
    await file.update(() => ({ version: 1, agents: { main: { allowlist: [entry] } } }));
    await file.update(() => ({ version: 1, agents: { main: { allowlist: [{ id: "e", pattern: "/bin/a" }] } } }));
    expect((await file.read()).file.agents?.["main"]?.allowlist).toEqual([entry]);
  });

  test("that cannot be understood is refused, never taken for an empty one", async () => {
    await mkdir(join(path, ".."));
    const file = createApprovalsFile(path);
    for (const text of ["{", "[]", '{"version":2}', '{"version":1,"defaults":{"security":"everything"}}']) {
      await writeFile(path, text);
      await expect(file.read()).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await expect(file.update((current) => current)).rejects.toMatchObject({ code: "UNAVAILABLE" });
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });

  test("a link stays one", async () => {
    await mkdir(join(path, ".."));
    const target = join(path, "..", "elsewhere.json");
    await writeFile(target, '{"version":1}');
    await symlink(target, path);
    await createApprovalsFile(path).update((current) => ({ ...current, defaults: { ask: "always" } }));
    expect(JSON.parse(await readFile(target, "utf8"))).toMatchObject({ defaults: { ask: "always" } });
  });
});
