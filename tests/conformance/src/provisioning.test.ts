import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createNodeClient, GatewayClient } from "@openclaw-gateway/client";
import {
  agentIdentities,
  type AgentLifecycle,
  type ControlPlaneClient,
  createAgentProvisioner,
  createGatewayControlPlane,
  type ProvisioningProgress,
  workspaceFor,
} from "@openclaw-gateway/client/provisioning";
import { agentFileNames, GatewayError } from "@openclaw-gateway/protocol";
import { describe, expect, test, vi } from "vitest";
import { type GatewayUnderTest, startGatewayUnderTest } from "./gateway-under-test.ts";

// A gateway starts up to four times in one test, on machines that others keep busy.
vi.setConfig({ testTimeout: 120_000 });

const { agentId, sessionKey } = agentIdentities.boardLead("0b5f1c9e-7a35-4a5e-9d0a-2f6f3f1f9c11");
const retry = { firstDelayMs: 5, maxDelayMs: 50 };
const templates = Object.fromEntries(agentFileNames.map((name) => [name, `# ${name} of {{ agent.name }}\n`]));

const lifecycleIn = (gateway: GatewayUnderTest, more: Partial<AgentLifecycle> = {}): AgentLifecycle => ({
  action: "provision",
  agentId,
  name: "Board lead",
  workspace: workspaceFor(gateway.stateDir, agentId),
  label: "Board lead",
  templates,
  variables: { agent: { name: "Ada" } },
  isLead: true,
  wake: { message: "[[fast]] You were just made. Read your files." },
  ...more,
});

type Client = ReturnType<typeof createNodeClient>;
type ClientOf = (gateway: GatewayUnderTest) => Client;

const delays = { minDelayMs: 5, maxDelayMs: 50 };
const reconnecting: ClientOf = ({ url, token }) => createNodeClient({ url, token, reconnect: delays });
const once: ClientOf = ({ url, token }) => createNodeClient({ url, token, reconnect: false });
const byName: ClientOf = ({ url, token = "" }) =>
  new GatewayClient({ url, token, scopes: ["operator.admin"] }, { autoReconnect: delays });

/** A gateway, and a backend that provisions; `calls` are the names of what it asked. */
async function start(clientOf = reconnecting) {
  const gateway = await startGatewayUnderTest();
  const client = clientOf(gateway);
  const calls: string[] = [];
  const provisioner = provisionerOf(client, (method, params) => {
    const file = typeof params === "object" && params !== null && "name" in params ? ` ${String(params.name)}` : "";
    calls.push(method.startsWith("agents.files.") ? method + file : method);
  });
  return {
    gateway,
    client,
    provisioner,
    calls,
    read: (name: string) => readFile(join(workspaceFor(gateway.stateDir, agentId), name), "utf8"),
    config: () => readFile(join(gateway.stateDir, "openclaw.json"), "utf8"),
    userMessages: async () => {
      const { messages } = await client.request("chat.history", { sessionKey });
      return messages.filter(({ role }) => role === "user").length;
    },
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

type OnCall = (method: string, params: unknown) => void;

function recorded(client: Client, onCall: OnCall): ControlPlaneClient {
  return {
    connect: () => client.connect(),
    get state() {
      return client.state;
    },
    request: (method, ...args) => {
      onCall(method, args[0]);
      return client.request(method, ...args);
    },
    requestUntyped: (method, params, options) => {
      onCall(method, params);
      return client.requestUntyped(method, params, options);
    },
  };
}

function provisionerOf(client: Client, onCall: OnCall = () => {}) {
  const controlPlane = createGatewayControlPlane({ client: recorded(client, onCall), retry });
  return createAgentProvisioner({ controlPlane, settleMs: 0 });
}

describe("provisioning", () => {
  test("makes an agent in the recorded order of calls; again, it changes nothing", async () => {
    await using running = await start();
    const { provisioner, gateway, calls } = running;
    const progress: ProvisioningProgress[] = [];
    const first = await provisioner.applyAgentLifecycle(lifecycleIn(gateway), {
      onProgress: (step) => progress.push(step),
    });
    expect(calls).toEqual([
      "agents.create",
      "agents.update",
      "agents.files.list",
      ...["AGENTS", "SOUL", "TOOLS", "IDENTITY", "USER", "HEARTBEAT", "MEMORY", "BOOTSTRAP"].map(
        (name) => `agents.files.set ${name}.md`,
      ),
      "sessions.patch",
      "chat.send",
    ]);
    expect(first).toMatchObject({ agentId, sessionKey, isCreated: true, isHeartbeatWritten: false });
    expect(first.wake).toMatchObject({ status: "started" });
    expect(progress.map(({ step }) => step)).toEqual(["agent", ...first.files.map(() => "file"), "session", "wake"]);
    expect(await running.read("SOUL.md")).toBe("# SOUL.md of Ada\n");
    const { agents } = await running.client.request("agents.list");
    expect(agents).toContainEqual(expect.objectContaining({ id: agentId, name: "Board lead" }));
    await running.client.request("agent.wait", { runId: String(first.wake?.runId) });

    const config = await running.config();
    const written = await stat(join(workspaceFor(gateway.stateDir, agentId), "SOUL.md"));
    calls.length = 0;
    const second = await provisioner.applyAgentLifecycle(lifecycleIn(gateway));
    expect(calls.filter((call) => call.startsWith("agents.files.set"))).toEqual([]);
    expect(new Set(second.files.map(({ outcome }) => outcome))).toEqual(new Set(["unchanged"]));
    expect(second.wake).toMatchObject({ runId: first.wake?.runId, status: "ok" });
    expect(await running.config()).toBe(config);
    expect((await stat(join(workspaceFor(gateway.stateDir, agentId), "SOUL.md"))).mtimeMs).toBe(written.mtimeMs);
    expect(await running.userMessages()).toBe(1);
  });

  test.each([
    ["a client that reconnects", reconnecting],
    ["a client that does not", once],
    ["GatewayClient", byName],
  ])("is finished through restarts by %s", async (_, clientOf) => {
    await using running = await start(clientOf);
    const { provisioner, gateway } = running;
    let restarting: Promise<void> | undefined;
    const restarts: Promise<void>[] = [];
    const result = await provisioner.applyAgentLifecycle(lifecycleIn(gateway), {
      onProgress: (step) => {
        const isTime = step.step === "agent" || (step.step === "file" && ["SOUL.md", "MEMORY.md"].includes(step.name));
        if (isTime) restarts.push((restarting = (restarting ?? Promise.resolve()).then(() => gateway.restart())));
      },
    });
    await Promise.all(restarts);
    expect(restarts).toHaveLength(3);
    expect(result.files).toHaveLength(agentFileNames.length);
    for (const name of agentFileNames) expect(await running.read(name)).toBe(`# ${name} of Ada\n`);
    expect(result.wake?.runId).toBeDefined();
    await running.client.connect();
    expect((await running.client.request("agents.list")).agents.map(({ id }) => id)).toContain(agentId);
  });

  test("that failed half-way is finished by the same call", async () => {
    await using running = await start();
    const { provisioner, gateway } = running;
    const abort = new AbortController();
    const half = provisioner.applyAgentLifecycle(lifecycleIn(gateway), {
      signal: abort.signal,
      onProgress: (step) => step.step === "file" && step.name === "TOOLS.md" && abort.abort(),
    });
    await expect(half).rejects.toMatchObject({ name: "ConnectionError", reason: "aborted" });
    expect(await running.read("MEMORY.md").catch(() => "missing")).toBe("missing");
    const { files, isCreated, wake } = await provisioner.applyAgentLifecycle(lifecycleIn(gateway));
    expect(isCreated).toBe(false);
    expect(files.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "AGENTS.md unchanged",
      "SOUL.md unchanged",
      "TOOLS.md unchanged",
      "IDENTITY.md written",
      "USER.md written",
      "HEARTBEAT.md written",
      "MEMORY.md written",
      "BOOTSTRAP.md written",
    ]);
    expect(wake).toMatchObject({ status: "started" });
  });

  test("an update keeps what the agent wrote, resets and wakes again", async () => {
    await using running = await start();
    const { provisioner, gateway, calls, client } = running;
    const first = await provisioner.applyAgentLifecycle(lifecycleIn(gateway));
    await client.request("agent.wait", { runId: String(first.wake?.runId) });
    const own = "I learned to sail.\n";
    await client.request("agents.files.set", { agentId, name: "MEMORY.md", content: own });
    await client.request("agents.files.set", { agentId, name: "USER.md", content: "" });
    calls.length = 0;
    const update = lifecycleIn(gateway, {
      action: "update",
      name: "Lead, renamed",
      variables: { agent: { name: "Bo" } },
      resetSession: true,
    });
    const { files, wake } = await provisioner.applyAgentLifecycle(update);
    expect(calls.slice(-3)).toEqual(["sessions.reset", "sessions.patch", "chat.send"]);
    expect(files).toContainEqual({ name: "MEMORY.md", outcome: "preserved" });
    expect(files).toContainEqual({ name: "USER.md", outcome: "written" });
    expect([await running.read("MEMORY.md"), await running.read("SOUL.md")]).toEqual([own, "# SOUL.md of Bo\n"]);
    expect(wake).toMatchObject({ status: "started" });
    expect(wake?.runId).not.toBe(first.wake?.runId);
    await client.request("agent.wait", { runId: String(wake?.runId) });
    // The transcript began anew.
    expect(await running.userMessages()).toBe(1);

    const overwritten = await provisioner.applyAgentLifecycle({ ...update, overwrite: true, resetSession: false });
    expect(overwritten.files).toContainEqual({ name: "MEMORY.md", outcome: "written" });
    expect(await running.read("MEMORY.md")).toBe("# MEMORY.md of Bo\n");
  });

  test("writes heartbeats between agent and files, and only when they change", async () => {
    await using running = await start();
    const { provisioner, gateway, calls } = running;
    const lifecycle = lifecycleIn(gateway, { heartbeat: { every: "30m", target: "last" }, wake: undefined });
    expect(await provisioner.applyAgentLifecycle(lifecycle)).toMatchObject({ isHeartbeatWritten: true });
    expect(calls.slice(0, 5)).toEqual([
      "agents.create",
      "agents.update",
      "config.get",
      "config.patch",
      "agents.files.list",
    ]);
    expect(await running.config()).toContain('"30m"');
    const config = await running.config();
    calls.length = 0;
    expect(await provisioner.applyAgentLifecycle(lifecycle)).toMatchObject({ isHeartbeatWritten: false });
    expect(calls).not.toContain("config.patch");
    expect(await running.config()).toBe(config);
    await provisioner.applyAgentLifecycle({ ...lifecycle, heartbeat: null });
    expect(await running.config()).not.toContain('"30m"');
  });

  test("of several agents by several backends at once loses no heartbeat", async () => {
    await using running = await start();
    const { gateway } = running;
    const backends = Array.from({ length: 4 }, (_, index) => {
      const client = reconnecting(gateway);
      const id = agentIdentities.boardAgent(`0b5f1c9e-7a35-4a5e-9d0a-2f6f3f1f9c2${index}`).agentId;
      const calls: string[] = [];
      const plane = createGatewayControlPlane({ client: recorded(client, (method) => calls.push(method)), retry });
      return { client, id, calls, plane, heartbeat: { every: `${index + 1}h` } };
    });
    try {
      for (const { plane, id } of backends) {
        await plane.createAgent({ agentId: id, name: id, workspace: workspaceFor(gateway.stateDir, id) });
      }
      await Promise.all(backends.map(({ plane, id, heartbeat }) => plane.patchHeartbeats({ [id]: heartbeat })));
      const { config } = await running.client.connect().then(() => running.client.request("config.get"));
      const { list } = config["agents"] as { list: { id: string; heartbeat?: unknown }[] };
      for (const { id, heartbeat } of backends) {
        expect(list.find((entry) => entry.id === id)?.heartbeat).toMatchObject(heartbeat);
      }
      // They did meet: somebody had to read and patch again.
      const patches = backends.flatMap(({ calls }) => calls.filter((method) => method === "config.patch"));
      expect(patches.length).toBeGreaterThan(backends.length);
    } finally {
      await Promise.all(backends.map(({ client }) => client.close()));
    }
  });

  test("of one agent by two backends at once makes one agent, woken once", async () => {
    await using running = await start();
    const other = reconnecting(running.gateway);
    try {
      const lifecycle = lifecycleIn(running.gateway);
      const results = await Promise.all([
        running.provisioner.applyAgentLifecycle(lifecycle),
        provisionerOf(other).applyAgentLifecycle(lifecycle),
      ]);
      expect(results.map(({ isCreated }) => isCreated).toSorted()).toEqual([false, true]);
      const [runId, ...others] = new Set(results.map(({ wake }) => wake?.runId));
      expect(others).toEqual([]);
      await running.client.request("agent.wait", { runId: String(runId) });
      expect(await running.userMessages()).toBe(1);
      const { agents } = await running.client.request("agents.list");
      expect(agents.filter(({ id }) => id === agentId)).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  test("with a template that cannot be rendered touches nothing", async () => {
    await using running = await start();
    const lifecycle = lifecycleIn(running.gateway, { templates: { "SOUL.md": "\n{{ agent.mood }}" } });
    await expect(running.provisioner.applyAgentLifecycle(lifecycle)).rejects.toMatchObject({
      name: "TemplateError",
      message: 'SOUL.md:2:4: nobody gave "agent.mood" a value',
    });
    expect(running.calls).toEqual([]);
  });

  test("leaves the first conversation to leads", async () => {
    await using running = await start();
    const lifecycle = lifecycleIn(running.gateway, { isLead: false, wake: undefined });
    const { files, wake } = await running.provisioner.applyAgentLifecycle(lifecycle);
    expect(files.map(({ name }) => name)).not.toContain("BOOTSTRAP.md");
    expect(wake).toBeUndefined();
    expect(await running.userMessages()).toBe(0);
  });

  test("with a wrong token fails at once, and changes nothing", async () => {
    await using running = await start();
    const stranger = createNodeClient({ url: running.gateway.url, token: "wrong" });
    const attempt = provisionerOf(stranger).applyAgentLifecycle(lifecycleIn(running.gateway));
    await expect(attempt).rejects.toBeInstanceOf(GatewayError);
    await stranger.close();
  });

  test("is undone, twice", async () => {
    await using running = await start();
    const { provisioner, gateway, client } = running;
    const { wake } = await provisioner.applyAgentLifecycle(lifecycleIn(gateway));
    await client.request("agent.wait", { runId: String(wake?.runId) });
    // Notes and sessions go to the trash with the agent; its own session is gone with it.
    expect(await provisioner.removeAgent({ agentId, deleteFiles: false })).toEqual({
      isAgentDeleted: true,
      deletedSessions: [sessionKey],
    });
    expect(await provisioner.removeAgent({ agentId })).toEqual({ isAgentDeleted: false, deletedSessions: [] });
    expect((await client.request("agents.list")).agents.map(({ id }) => id)).not.toContain(agentId);
  });
});

test("a gateway tells its health and a version that is new enough", async () => {
  await using running = await start();
  const plane = createGatewayControlPlane({ client: running.client, retry });
  expect(await plane.checkVersion()).toMatchObject({ isSupported: true, version: expect.stringMatching(/^\d{4}\./) });
  expect(await plane.health()).toMatchObject({ ok: true });
});
