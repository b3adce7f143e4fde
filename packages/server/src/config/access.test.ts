import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureAccess } from "./access.ts";
import { ConfigError, loadConfig } from "./load.ts";
import { resolveStatePaths, type StatePaths } from "./paths.ts";

let paths: StatePaths;
let root: string;
const umask = process.umask(0);

beforeEach(async () => {
  // Nothing may rely on a friendly umask.
  process.umask(0);
  root = await mkdtemp(join(tmpdir(), "access-"));
  paths = resolveStatePaths({ OPENCLAW_STATE_DIR: join(root, "state") });
});
afterEach(async () => {
  process.umask(umask);
  await rm(root, { recursive: true, force: true });
});

const access = async (environment: Record<string, string> = {}, host = "127.0.0.1") =>
  ensureAccess(await loadConfig(paths.configPath, environment), paths, host);
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe("without configuration", () => {
  test("a token is made once, kept private, and found again", async () => {
    const first = await access();
    expect(first.origin).toBe("created");
    if (first.auth.mode !== "token") throw new Error("expected a token");
    expect(first.auth.secret.reveal()).toMatch(/^ocg_[\w-]{43}$/);
    expect(await mode(paths.configPath)).toBe("600");
    expect(await mode(paths.stateDir)).toBe("700");
    const second = await access();
    expect(second.origin).toBe("configured");
    expect(second.auth.mode === "token" && second.auth.secret.equals(first.auth.secret.reveal())).toBe(true);
  });
});

describe("with a configuration that names no secret", () => {
  test("the file stays as it is and the token lies beside it", async () => {
    await access();
    const text = "{ agents: {} } // mine";
    await writeFile(paths.configPath, text);
    const first = await access();
    expect(first.origin).toBe("created");
    expect(await readFile(paths.configPath, "utf8")).toBe(text);
    expect(await mode(paths.tokenPath)).toBe("600");
    expect((await access()).origin).toBe("stored");
  });
});

describe("files that resist", () => {
  test("a configuration that appears meanwhile is not overwritten", async () => {
    const loaded = await loadConfig(paths.configPath, {});
    await access();
    const text = await readFile(paths.configPath, "utf8");
    await expect(ensureAccess(loaded, paths, "127.0.0.1")).rejects.toThrow(ConfigError);
    expect(await readFile(paths.configPath, "utf8")).toBe(text);
  });

  test("where the configuration cannot be created, the token is kept in the state folder", async () => {
    paths = { ...paths, configPath: "/proc/openclaw.json" };
    const first = await access();
    expect(first.origin).toBe("created");
    expect(await mode(paths.tokenPath)).toBe("600");
    const second = await access();
    expect(second.origin).toBe("stored");
    expect(
      first.auth.mode === "token" &&
        second.auth.mode === "token" &&
        second.auth.secret.equals(first.auth.secret.reveal()),
    ).toBe(true);
  });

  test("a stored token that cannot be read is not replaced", async () => {
    await mkdir(paths.tokenPath, { recursive: true });
    await expect(access()).rejects.toThrow(/gateway-token: cannot be read \(EISDIR\)/);
  });

  test.each([0o022, 0o777])("private with umask %o", async (mask) => {
    process.umask(mask);
    await access();
    process.umask(0);
    expect([await mode(paths.stateDir), await mode(paths.configPath)]).toEqual(["700", "600"]);
    expect(await readdir(paths.stateDir)).toEqual(["openclaw.json"]);
  });
});

describe("modes", () => {
  const write = async (gateway: object) => {
    await access();
    await writeFile(paths.configPath, JSON.stringify({ gateway }));
  };

  test("a password alone means password", async () => {
    await write({ auth: { password: "p" } });
    expect((await access()).auth.mode).toBe("password");
  });

  test.each(["127.0.0.1", "127.8.9.1", "::1", "localhost"])("none is possible on %s", async (host) => {
    await write({ auth: { mode: "none" } });
    expect((await access({}, host)).auth).toEqual({ mode: "none" });
  });

  test.each([
    "0.0.0.0",
    "::",
    "192.168.1.2",
    "127.0.0.1.example.com",
    "127.example.com",
    "localhost.example.com",
    "gateway.local",
  ])("none is refused on %s", async (host) => {
    await write({ auth: { mode: "none" } });
    await expect(access({}, host)).rejects.toThrow(/gateway\.auth\.mode: "none" is only possible/);
  });

  test.each([{ token: "" }, { token: "  " }, { mode: "token", token: "" }, {}])(
    "an empty token is none: %j",
    async (auth) => {
      await write({ auth });
      const made = await access({}, "0.0.0.0");
      expect(made.auth.mode === "token" && made.auth.secret.reveal()).toMatch(/^ocg_/);
    },
  );

  test("a password that is missing is named", async () => {
    await write({ auth: { mode: "password" } });
    await expect(access()).rejects.toThrow(/gateway\.auth\.password: is missing/);
  });

  test("the environment wins", async () => {
    await write({ auth: { token: "file" } });
    const { auth } = await access({ OPENCLAW_GATEWAY_TOKEN: "environment" });
    expect(auth.mode === "token" && auth.secret.reveal()).toBe("environment");
  });
});
