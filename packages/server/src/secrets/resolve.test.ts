import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTempFolder } from "../testing/test-databases.ts";
import type { SecretProvider } from "./providers.ts";
import type { SecretReference } from "./reference.ts";
import { resolveReferences } from "./resolve.ts";

/** Resolves one reference with one provider called `p`. */
async function one(
  source: SecretReference["source"],
  id: string,
  provider: SecretProvider | undefined,
  environment = {},
) {
  const reference = { source, provider: "p", id };
  return (await resolveReferences([reference], { ...(provider && { providers: { p: provider } }) }, environment))(
    reference,
  );
}
const message = (value: string | Error): string => (value instanceof Error ? value.message : `resolved: ${value}`);

async function withScript(script: string) {
  const folder = await createTempFolder();
  const command = join(folder.path, "resolver");
  await writeFile(command, `#!${process.execPath}\n${script}`, { mode: 0o700 });
  return { folder: folder.path, command, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test("variables of the environment, where a list allows them", async () => {
  expect(await one("env", "KEY", undefined, { KEY: "v" })).toBe("v");
  expect(await one("env", "KEY", { source: "env", allowlist: ["KEY"] }, { KEY: "v" })).toBe("v");
  expect(message(await one("env", "KEY", { source: "env", allowlist: ["OTHER"] }, { KEY: "v" }))).toContain(
    "secrets.providers.p.allowlist",
  );
  expect(message(await one("env", "KEY", undefined, { KEY: "" }))).toBe(
    "the reference env:p:KEY leads to nothing: the environment variable is not set",
  );
  expect(message(await one("env", "KEY", { source: "file", path: "/x" }, { KEY: "v" }))).toContain('has source "file"');
  expect(message(await one("file", "/a", undefined))).toContain("secrets.providers.p is not configured");
});

test("files: a pointer into JSON, or the whole file; nobody else may read them", async () => {
  await using folder = await createTempFolder();
  const path = join(folder.path, "secrets.json");
  await writeFile(path, JSON.stringify({ a: { "b/c": "found" }, n: 5 }), { mode: 0o600 });
  expect(await one("file", "/a/b~1c", { source: "file", path })).toBe("found");
  expect(message(await one("file", "/n", { source: "file", path }))).toContain("has no text at /n");
  expect(message(await one("file", "/__proto__", { source: "file", path }))).toContain("has no text");
  expect(message(await one("file", "/a", { source: "file", path, maxBytes: 4 }))).toContain("larger than 4 bytes");
  const single = join(folder.path, "key.txt");
  await writeFile(single, "canary-value\n", { mode: 0o600 });
  expect(await one("file", "value", { source: "file", path: single, mode: "singleValue" })).toBe("canary-value");
  const wrong = message(await one("file", "/a", { source: "file", path: single }));
  expect(wrong).toContain("holds no JSON");
  expect(wrong).not.toContain("canary");
  await chmod(single, 0o644);
  expect(message(await one("file", "value", { source: "file", path: single, mode: "singleValue" }))).toContain(
    "chmod 600",
  );
  expect(
    await one("file", "value", { source: "file", path: single, mode: "singleValue", allowInsecurePath: true }),
  ).toBe("canary-value");
  expect(message(await one("file", "/a", { source: "file", path: folder.path }))).toContain("is not a regular file");
  expect(message(await one("file", "/a", { source: "file", path: join(folder.path, "none") }))).toContain("ENOENT");
});

test("a command is asked once for all its ids, without a shell, and sees only what is passed", async () => {
  await using made = await withScript(`
    let text = "";
    process.stdin.on("data", (data) => (text += data)).on("end", () => {
      const { ids, provider, protocolVersion } = JSON.parse(text);
      const seen = [protocolVersion, provider, ids.length, process.argv.slice(2).join("|"), Object.keys(process.env).filter((k) => /^(KEY|OTHER|SET)$/.test(k)).join()];
      console.log(JSON.stringify({ protocolVersion: 1, values: { all: seen.join(" "), "a/b": "two" }, errors: { bad: { message: "canary" } } }));
    });`);
  const provider: SecretProvider = {
    source: "exec",
    command: made.command,
    args: ["$HOME", "a b"],
    passEnv: ["KEY"],
    env: { SET: "1" },
  };
  const references = ["all", "a/b", "bad", "none"].map((id) => ({ source: "exec" as const, provider: "p", id }));
  const valueOf = await resolveReferences(references, { providers: { p: provider } }, { KEY: "k", OTHER: "o" });
  const [all, second, bad, none] = references.map(valueOf);
  expect(all).toBe("1 p 4 $HOME|a b KEY,SET");
  expect(second).toBe("two");
  expect(message(bad ?? "")).toMatch(/reported an error for it$/);
  expect(message(none ?? "")).toMatch(/has no value for it$/);
});

test("plain output counts for one id when JSON is not asked for", async () => {
  await using made = await withScript(`console.log("canary-plain");`);
  expect(await one("exec", "value", { source: "exec", command: made.command, jsonOnly: false })).toBe("canary-plain");
  const refused = message(await one("exec", "value", { source: "exec", command: made.command }));
  expect(refused).toContain("did not answer with JSON");
  expect(refused).not.toContain("canary");
});

test.each([
  ["too slow", `setTimeout(() => {}, 60_000)`, { timeoutMs: 300 }, "took longer than 300 ms"],
  ["silent", `setInterval(() => {}, 1_000)`, { timeoutMs: 60_000, noOutputTimeoutMs: 300 }, "said nothing for 300 ms"],
  [
    "too loud",
    `setInterval(() => process.stdout.write("canary".repeat(1e4)), 1)`,
    { maxOutputBytes: 1_000 },
    "printed more than 1000 bytes",
  ],
  ["failing", `console.log("canary"); console.error("canary"); process.exit(3)`, {}, "ended with code 3"],
])("a command that is %s is ended, and what it printed is told to nobody", async (_, script, limits, expected) => {
  await using made = await withScript(script);
  const told = message(await one("exec", "value", { source: "exec", command: made.command, ...limits }));
  expect(told).toContain(expected);
  expect(told).not.toContain("canary");
});

test("a command that somebody else could have put there is not run", async () => {
  await using made = await withScript(`console.log("{}")`);
  const ask = async (provider: object) =>
    message(await one("exec", "value", { source: "exec", command: made.command, ...provider }));
  expect(await ask({ command: "resolver" })).toContain("is not an absolute path");
  const link = join(made.folder, "link");
  await symlink(made.command, link);
  expect(await ask({ command: link })).toContain("is a link; set allowSymlinkCommand");
  expect(await ask({ command: link, allowSymlinkCommand: true })).toContain("did not answer");
  const elsewhere = join(made.folder, "elsewhere");
  await mkdir(elsewhere);
  expect(await ask({ command: link, allowSymlinkCommand: true, trustedDirs: [elsewhere] })).toContain(
    "in none of the trustedDirs",
  );
  expect(await ask({ trustedDirs: [made.folder] })).toContain("did not answer");
  await chmod(made.command, 0o722);
  expect(await ask({})).toContain("chmod go-w");
  expect(await ask({ allowInsecurePath: true })).toContain("did not answer");
});
