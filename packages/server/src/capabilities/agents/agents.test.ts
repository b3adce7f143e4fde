import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";
import { slugOf } from "./roster.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "agents-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function start() {
  const running = await startTestGateway(createScriptedRuntime(() => answer("hi")));
  const client = createMemoryClient(running.gateway);
  await client.connect();
  const ask = async (method: string, params: Record<string, unknown> = {}) => {
    const { ok, payload, error } = await client.request(method, params);
    return ok ? payload : error?.message;
  };
  const agents = async () => {
    const listed = (await client.request("agents.list")).payload?.["agents"] as
      | { id: string; name?: string }[]
      | undefined;
    return listed?.map(({ id, name }) => (name === undefined ? id : `${id}: ${name}`));
  };
  const config = async () => (await client.request("config.get")).payload;
  return { running, client, ask, agents, config, [Symbol.asyncDispose]: running[Symbol.asyncDispose] };
}

test("an agent that is created is there at once, with notes and an identity", async () => {
  await using gateway = await start();
  const workspace = join(folder, "helper");
  const before = (await gateway.config())?.["hash"];
  expect(
    await gateway.ask("agents.create", {
      name: " Helper Bot ",
      workspace,
      emoji: "🤖",
      avatar: "https://example.invalid/a.png",
    }),
  ).toEqual({
    ok: true,
    agentId: "helper-bot",
    name: "Helper Bot",
    workspace,
  });
  expect(await gateway.agents()).toEqual(["main", "helper-bot: Helper Bot"]);
  const config = await gateway.config();
  expect(config?.["parsed"]).toEqual({
    agents: { list: [{ id: "main" }, { id: "helper-bot", name: "Helper Bot", workspace }] },
  });
  expect(config?.["hash"]).not.toBe(before);
  expect(await readdir(workspace)).toEqual([
    "AGENTS.md",
    "BOOTSTRAP.md",
    "HEARTBEAT.md",
    "IDENTITY.md",
    "SOUL.md",
    "TOOLS.md",
    "USER.md",
  ]);
  expect((await stat(join(workspace, "SOUL.md"))).mode & 0o777).toBe(0o600);
  expect(await gateway.ask("agent.identity.get", { agentId: "helper-bot" })).toMatchObject({
    name: "Helper Bot",
    emoji: "🤖",
    avatar: "https://example.invalid/a.png",
  });
  expect(await gateway.ask("agents.create", { name: "helper bot", workspace })).toBe(
    'agent "helper-bot" already exists',
  );
});

test("of the same agent created many times at once one comes to be", async () => {
  await using gateway = await start();
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => gateway.ask("agents.create", { name: "Twin", workspace: join(folder, "twin") })),
  );
  expect(answers.filter((result) => typeof result === "object")).toHaveLength(1);
  expect(answers.filter((result) => result === 'agent "twin" already exists')).toHaveLength(5);
  expect(await gateway.agents()).toEqual(["main", "twin: Twin"]);
});

test("what somebody wrote into a workspace stays", async () => {
  await using gateway = await start();
  await writeFile(join(folder, "SOUL.md"), "mine");
  await writeFile(join(folder, "IDENTITY.md"), "I am\n- Name: Ada\n");
  await gateway.ask("agents.create", { name: "Other", workspace: folder, emoji: "🦉" });
  expect(await readFile(join(folder, "SOUL.md"), "utf8")).toBe("mine");
  expect(await readFile(join(folder, "IDENTITY.md"), "utf8")).toBe("I am\n- Name: Ada\n- Emoji: 🦉\n");
});

test("an update changes what it names", async () => {
  await using gateway = await start();
  await gateway.ask("agents.create", { name: "Helper", workspace: join(folder, "helper") });
  expect(
    await gateway.ask("agents.update", { id: "helper", name: "Renamed", model: "test/model-2", avatar: "b.png" }),
  ).toEqual({ ok: true, agentId: "helper" });
  expect(await gateway.agents()).toEqual(["main", "helper: Renamed"]);
  expect((await gateway.config())?.["parsed"]).toMatchObject({
    agents: { list: [{ id: "main" }, { id: "helper", name: "Renamed", model: "test/model-2" }] },
  });
  expect(await gateway.ask("agent.identity.get", { agentId: "helper" })).toMatchObject({
    name: "Renamed",
    avatar: "b.png",
  });
  expect(await gateway.ask("agents.update", { agentId: "ghost", name: "x" })).toBe('agent "ghost" not found');
});

test("a deleted agent is gone, its workspace is in the trash with everything in it", async () => {
  await using gateway = await start();
  const workspace = join(folder, "helper");
  await gateway.ask("agents.create", { name: "Helper", workspace });
  await writeFile(join(workspace, "work.txt"), "of weeks");
  expect(await gateway.ask("agents.delete", { agentId: "helper" })).toEqual({
    ok: true,
    agentId: "helper",
    removedBindings: 0,
  });
  expect(await gateway.agents()).toEqual(["main"]);
  expect(await readdir(folder)).toEqual([]);
  const stateDir = join(String((await gateway.config())?.["path"]), "..");
  const [trashed = ""] = await readdir(join(stateDir, "trash"));
  expect(trashed).toMatch(/^helper-/);
  expect(await readFile(join(stateDir, "trash", trashed, "work.txt"), "utf8")).toBe("of weeks");
  expect(await gateway.ask("agents.delete", { agentId: "helper" })).toBe('agent "helper" not found');
  expect(await gateway.ask("agents.delete", { agentId: "main" })).toBe('"main" cannot be deleted');
});

test("a workspace stays when it is to be kept, or holds another agent's", async () => {
  await using gateway = await start();
  const inner = join(folder, "outer", "inner");
  await mkdir(inner, { recursive: true });
  await gateway.ask("agents.create", { name: "Outer", workspace: join(folder, "outer") });
  await gateway.ask("agents.create", { name: "Inner", workspace: inner });
  await gateway.ask("agents.delete", { agentId: "outer" });
  expect(await readdir(inner)).toContain("SOUL.md");
  await gateway.ask("agents.delete", { agentId: "inner", deleteFiles: false });
  expect(await readdir(inner)).toContain("SOUL.md");
});

test("a workspace that cannot be made makes no agent", async () => {
  await using gateway = await start();
  await writeFile(join(folder, "file"), "");
  expect(await gateway.ask("agents.create", { name: "Lost", workspace: join(folder, "file", "sub") })).toContain(
    "cannot be written",
  );
  expect(await gateway.agents()).toEqual(["main"]);
  expect((await gateway.config())?.["exists"]).toBe(false);
});

test("notes are named by either spelling; other files and agents are refused", async () => {
  await using gateway = await start();
  await gateway.ask("agents.create", { name: "Helper", workspace: join(folder, "helper") });
  expect(
    await gateway.ask("agents.files.set", { agentId: "helper", filename: "USER.md", content: "Ada" }),
  ).toMatchObject({ ok: true, file: { content: "Ada" } });
  expect(await gateway.ask("agents.files.get", { agentId: "helper", name: "USER.md" })).toMatchObject({
    file: { missing: false, content: "Ada" },
  });
  expect(await gateway.ask("agents.files.set", { agentId: "helper", name: "../x", content: "" })).toBe(
    'unsupported file "../x"',
  );
  expect(await gateway.ask("agents.files.list", { agentId: "ghost" })).toBe("unknown agent id");
});

test.each([
  ["Helper Bot", "helper-bot"],
  ["  --Ünï cødé--", "n-c-d"],
  ["../../etc", "etc"],
  ["mc-1_2", "mc-1_2"],
  ["x".repeat(80), "x".repeat(64)],
  ["!!!", "main"],
])("the id of %j is %s", (name, id) => {
  expect(slugOf(name)).toBe(id);
});

test("the sessions of a deleted agent go with its files, and stop first; without the files they stay", async () => {
  await using gateway = await start();
  const { ask } = gateway;
  const keysOf = async (agentId: string) => {
    const { sessions } = (await ask("sessions.list", { agentId })) as { sessions: { key: string }[] };
    return sessions.map(({ key }) => key);
  };
  for (const name of ["gone", "kept"]) {
    await ask("agents.create", { name });
    for (const rest of ["main", "work"]) {
      const runId = `${name}-${rest}`;
      await ask("chat.send", { sessionKey: `agent:${name}:${rest}`, message: "hi", idempotencyKey: runId });
      await ask("agent.wait", { runId, timeoutMs: 10_000 });
    }
  }
  await ask("chat.send", { sessionKey: "agent:gone:busy", message: "hi", idempotencyKey: "busy" });
  expect(await ask("agents.delete", { agentId: "gone" })).toMatchObject({ ok: true });
  expect(await ask("agents.delete", { agentId: "kept", deleteFiles: false })).toMatchObject({ ok: true });
  expect(await keysOf("gone")).toEqual([]);
  expect((await keysOf("kept")).toSorted()).toEqual(["agent:kept:main", "agent:kept:work"]);
  expect(await ask("chat.history", { sessionKey: "agent:gone:main" })).toMatchObject({ messages: [] });
});
