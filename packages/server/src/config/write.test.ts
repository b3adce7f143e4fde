import { writeFileSync } from "node:fs";
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "./load.ts";
import { createConfigWriter, type ConfigContent } from "./write.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-write-"));
  path = join(folder, "openclaw.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const text = '{\n  // the port\n  gateway: { port: 1, auth: { token: "${TOKEN}" } },\n}\n';
const environment = { TOKEN: "from-outside" };
const writer = () => createConfigWriter({ path, environment });
const setPort = (port: unknown) => (content: ConfigContent) => ({
  ...content,
  gateway: { ...(content["gateway"] as object), port },
});

test("keeps comments and references, is private, and tells the new file", async () => {
  await writeFile(path, text);
  await chmod(path, 0o644);
  const result = await writer()(setPort(2));
  expect(await readFile(path, "utf8")).toBe(text.replace("port: 1", "port: 2"));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(result).toEqual(await loadConfig(path, environment));
  expect(result.config.gateway?.auth?.token?.reveal()).toBe("from-outside");
});

test("makes a file that is not there", async () => {
  const result = await writer()(() => ({ agents: { list: [{ id: "main" }] } }));
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ agents: { list: [{ id: "main" }] } });
  expect(result.exists).toBe(true);
  expect(await readdir(folder)).toEqual(["openclaw.json"]);
});

test("of writers who have seen the same file exactly one wins", async () => {
  await writeFile(path, text);
  const { hash } = await loadConfig(path, environment);
  const update = writer();
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => update(setPort(100 + index), { baseHash: hash! })),
  );
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
  expect(reasons).toHaveLength(7);
  expect(new Set(reasons)).toEqual(
    new Set(["GatewayError: config changed since last load; re-run config.get and retry"]),
  );
  expect(await readFile(path, "utf8")).toBe(text.replace("port: 1", "port: 100"));
});

test("writers who have seen nothing come one after the other; none is lost", async () => {
  await writeFile(path, text);
  const update = writer();
  await Promise.all(["a", "b", "c", "d"].map((key) => update((content) => ({ ...content, [key]: true }))));
  expect((await loadConfig(path, environment)).parsed).toMatchObject({ a: true, b: true, c: true, d: true });
});

test("a file that somebody else replaces while it is being changed is not overwritten", async () => {
  await writeFile(path, text);
  const change = (content: ConfigContent) => {
    writeFileSync(path, "{}");
    return setPort(3)(content);
  };
  await expect(writer()(change)).rejects.toThrow("config changed since last load");
  expect(await readFile(path, "utf8")).toBe("{}");
});

test.each([
  ["a value of a wrong type", setPort("many"), "invalid config"],
  [
    "a mark that stands for a secret",
    (content: ConfigContent) => ({ ...content, gateway: { auth: { token: "__OPENCLAW_REDACTED__" } } }),
    "invalid config",
  ],
  ["most of it gone", () => ({}), "more than half"],
  [
    "a change that throws",
    () => {
      throw new Error("changed my mind");
    },
    "changed my mind",
  ],
])("%s changes nothing", async (_, change, message) => {
  await writeFile(path, text);
  await expect(writer()(change)).rejects.toThrow(message);
  expect(await readFile(path, "utf8")).toBe(text);
  expect(await readdir(folder)).toEqual(["openclaw.json"]);
});

test("most of it may go when the caller says so; a file that cannot be parsed is not touched", async () => {
  await writeFile(path, text);
  await writer()(() => ({}), { allowShrink: true });
  expect((await loadConfig(path, environment)).parsed).toEqual({});
  await writeFile(path, "{ broken");
  await expect(writer()(() => ({ a: 1 }))).rejects.toMatchObject({
    message: "invalid config",
    wire: { details: { issues: [{ path: "" }] } },
  });
  expect(await readFile(path, "utf8")).toBe("{ broken");
});

test("the last files are kept, the newest first, private, and not more than five", async () => {
  await writeFile(path, text);
  const update = writer();
  for (let port = 2; port < 10; port += 1) await update(setPort(port));
  expect((await readdir(folder)).toSorted()).toEqual([
    "openclaw.json",
    "openclaw.json.bak",
    "openclaw.json.bak.1",
    "openclaw.json.bak.2",
    "openclaw.json.bak.3",
    "openclaw.json.bak.4",
  ]);
  expect(await readFile(`${path}.bak`, "utf8")).toBe(text.replace("port: 1", "port: 8"));
  expect(await readFile(`${path}.bak.4`, "utf8")).toBe(text.replace("port: 1", "port: 4"));
  expect((await stat(`${path}.bak`)).mode & 0o777).toBe(0o600);
  const names = await readdir(folder);
  await update((content) => content);
  expect(await readdir(folder)).toEqual(names);
  expect(await readFile(`${path}.bak`, "utf8")).toBe(text.replace("port: 1", "port: 8"));
});

test("a link stays a link", async () => {
  await writeFile(join(folder, "real.json"), text);
  await symlink("real.json", path);
  const result = await writer()(setPort(2));
  expect((await lstat(path)).isSymbolicLink()).toBe(true);
  expect(await readFile(join(folder, "real.json"), "utf8")).toContain("port: 2");
  expect(result.path).toBe(path);
});
