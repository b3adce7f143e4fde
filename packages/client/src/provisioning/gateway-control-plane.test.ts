import { GatewayError } from "@openclaw-gateway/protocol/wire";
import { describe, expect, test } from "vitest";
import { type Answer, createAnsweringGateway, rejectionOf } from "../testing/index.ts";
import { createGatewayControlPlane } from "./gateway-control-plane.ts";

const retry = { firstDelayMs: 1, maxDelayMs: 2 };
const lead = { agentId: "lead-1", name: "Lead of one", workspace: "/srv/lead-1" };

async function start(answers: Readonly<Record<string, Answer>>, version?: string) {
  const gateway = await createAnsweringGateway(answers, version);
  return { ...gateway, plane: createGatewayControlPlane({ client: gateway.client, retry }) };
}

const refuse = (message: string) => () => {
  throw new GatewayError("INVALID_REQUEST", message);
};

/** Gives each of the answers once, the last one for ever. */
function inTurn(...answers: Answer[]): Answer {
  let calls = 0;
  return (params, gateway) => answers[Math.min(calls++, answers.length - 1)]?.(params, gateway);
}

describe("agents", () => {
  const made = { ok: true, agentId: lead.agentId, name: lead.agentId, workspace: lead.workspace };

  test("are made under their id", async () => {
    await using running = await start({ "agents.create": () => made });
    expect(await running.plane.createAgent(lead)).toBe("created");
    expect(running.calls).toEqual([["agents.create", { name: "lead-1", workspace: "/srv/lead-1" }]]);
  });

  test.each(['agent "lead-1" already exists', "Agent already exist", "duplicate agent id", "conflict: lead-1"])(
    "that are there are fine: %s",
    async (message) => {
      await using running = await start({ "agents.create": refuse(message) });
      expect(await running.plane.createAgent(lead)).toBe("existed");
    },
  );

  test("of another id than the wanted one are no success", async () => {
    await using running = await start({ "agents.create": () => ({ ...made, agentId: "main" }) });
    expect(await rejectionOf(running.plane.createAgent(lead))).toMatchObject({
      name: "ProvisioningError",
      reason: "id-changed",
    });
  });

  test.each(["Lead One", "", "-lead", "a".repeat(65), "lead/1"])("%j is refused before it is sent", async (agentId) => {
    await using running = await start({});
    expect(await rejectionOf(running.plane.createAgent({ ...lead, agentId }))).toBeInstanceOf(TypeError);
    expect(running.calls).toEqual([]);
  });

  test("that were just made are waited for, five times", async () => {
    const notYet = refuse('agent "lead-1" not found');
    await using running = await start({
      "agents.update": inTurn(notYet, notYet, notYet, notYet, () => ({ ok: true })),
    });
    await running.plane.updateAgent(lead, { justCreated: true });
    expect(running.calls).toHaveLength(5);
    expect(running.calls[4]).toEqual(["agents.update", lead]);
  });

  test("that are not there are not waited for longer, or at all", async () => {
    await using running = await start({ "agents.update": refuse('agent "lead-1" not found') });
    const error = await rejectionOf(running.plane.updateAgent(lead, { justCreated: true }));
    expect(error).toMatchObject({ name: "GatewayError", message: 'agent "lead-1" not found' });
    expect(running.calls).toHaveLength(5);
    await rejectionOf(running.plane.updateAgent(lead));
    expect(running.calls).toHaveLength(6);
  });

  test("that are gone are deleted", async () => {
    await using running = await start({ "agents.delete": refuse('agent "lead-1" not found') });
    expect(await running.plane.deleteAgent("lead-1")).toBe(false);
    expect(running.calls).toEqual([["agents.delete", { agentId: "lead-1", deleteFiles: true }]]);
  });

  test("that must stay are not", async () => {
    await using running = await start({ "agents.delete": refuse('"main" cannot be deleted') });
    expect(await rejectionOf(running.plane.deleteAgent("main"))).toMatchObject({ message: '"main" cannot be deleted' });
  });
});

describe("sessions", () => {
  test.each<[string, Answer]>([
    ["deleted: false", () => ({ ok: true, key: "k", deleted: false, archived: [] })],
    ["session not found", refuse("session not found")],
    ["unknown session", refuse("unknown session: k")],
  ])("that are gone are deleted: %s", async (_, answer) => {
    await using running = await start({ "sessions.delete": answer });
    expect(await running.plane.deleteSession("k")).toBe(false);
  });

  test("that are still busy are deleted in a moment", async () => {
    const busy = () => {
      throw new GatewayError("UNAVAILABLE", "Session k is still active; try again in a moment.");
    };
    const deleted = () => ({ ok: true, key: "k", deleted: true, archived: [] });
    await using running = await start({ "sessions.delete": inTurn(busy, deleted) });
    expect(await running.plane.deleteSession("k")).toBe(true);
  });

  test("have a label, unless somebody else's session has it", async () => {
    const patched = () => ({ ok: true, path: "p", key: "k", entry: { sessionId: "s", updatedAt: 1 } });
    await using running = await start({
      "sessions.patch": ({ label }) => (label === "taken" ? refuse("label already in use: taken")() : patched()),
    });
    expect(await running.plane.ensureSession("k", { label: "free" })).toEqual({ sessionId: "s" });
    expect(await running.plane.ensureSession("k", { label: "taken" })).toEqual({ sessionId: "s" });
    expect(running.calls.map(([, params]) => params)).toEqual([
      { key: "k", label: "free" },
      { key: "k", label: "taken" },
      { key: "k" },
    ]);
  });
});

describe("files", () => {
  test("a gateway that does not know one is asked once", async () => {
    await using running = await start({ "agents.files.set": refuse('unsupported file "MEMORY.md"') });
    expect(await running.plane.setAgentFile("lead-1", "MEMORY.md", "x")).toBe(false);
    expect(running.calls).toHaveLength(1);
  });

  test.each<[string, Record<string, Answer>, string]>([
    ["a gateway that cannot delete", {}, "unsupported"],
    ["a file that is gone", { "agents.files.delete": refuse("file not found") }, "missing"],
    ["a file that is there", { "agents.files.delete": () => ({ ok: true }) }, "deleted"],
  ])("%s", async (_, answers, outcome) => {
    await using running = await start(answers);
    expect(await running.plane.deleteAgentFile("lead-1", "USER.md")).toBe(outcome);
  });

  test("a missing one has no text", async () => {
    await using running = await start({
      "agents.files.get": ({ name }) => ({
        agentId: "lead-1",
        workspace: "/w",
        file:
          name === "SOUL.md" ? { name, path: "p", missing: false, content: "" } : { name, path: "p", missing: true },
      }),
    });
    expect(await running.plane.getAgentFile("lead-1", "SOUL.md")).toBe("");
    expect(await running.plane.getAgentFile("lead-1", "USER.md")).toBeUndefined();
  });
});

describe("heartbeats", () => {
  const heartbeat = { every: "10m", target: "last" };
  const snapshot = (hash: string, entry: Record<string, unknown> = {}) => {
    const parsed = { agents: { list: [{ id: "lead-1", ...entry }, { id: "main" }] } };
    return { path: "p", exists: true, raw: "", parsed, config: parsed, valid: true, hash };
  };

  test("are written on what was read", async () => {
    await using running = await start({ "config.get": () => snapshot("h1"), "config.patch": () => ({ ok: true }) });
    expect(await running.plane.patchHeartbeats({ "lead-1": heartbeat })).toBe(true);
    expect(running.calls).toEqual([
      ["config.get", {}],
      [
        "config.patch",
        { baseHash: "h1", raw: JSON.stringify({ agents: { list: [{ id: "lead-1", heartbeat }, { id: "main" }] } }) },
      ],
    ]);
  });

  test("that are there are not written", async () => {
    await using running = await start({ "config.get": () => snapshot("h1", { heartbeat }) });
    expect(await running.plane.patchHeartbeats({ "lead-1": heartbeat, main: null })).toBe(false);
    expect(running.methods()).toEqual(["config.get"]);
  });

  test("are read and written again when somebody was faster", async () => {
    const stale = refuse("config changed since last load; re-run config.get and retry");
    await using running = await start({
      "config.get": inTurn(
        () => snapshot("h1"),
        () => snapshot("h2", { name: "Ada" }),
      ),
      "config.patch": inTurn(stale, () => ({ ok: true })),
    });
    expect(await running.plane.patchHeartbeats({ "lead-1": heartbeat })).toBe(true);
    expect(running.calls.at(-1)?.[1]).toEqual({
      baseHash: "h2",
      raw: JSON.stringify({ agents: { list: [{ id: "lead-1", name: "Ada", heartbeat }, { id: "main" }] } }),
    });
  });

  test("that the other one wrote are fine", async () => {
    const stale = refuse("config changed since last load; re-run config.get and retry");
    await using running = await start({
      "config.get": inTurn(
        () => snapshot("h1"),
        () => snapshot("h2", { heartbeat }),
      ),
      "config.patch": stale,
    });
    expect(await running.plane.patchHeartbeats({ "lead-1": heartbeat })).toBe(false);
  });

  test("of two backends that write at once are all there in the end", async () => {
    let list: Record<string, unknown>[] = ["lead-1", "lead-2", "lead-3"].map((id) => ({ id }));
    let version = 0;
    let refused = 0;
    await using running = await start({
      "config.get": () => ({ ...snapshot(`h${version}`), parsed: { agents: { list } } }),
      "config.patch": ({ raw, baseHash }) => {
        if (baseHash !== `h${version}`) {
          refused++;
          return refuse("config changed since last load; re-run config.get and retry")();
        }
        version++;
        ({ list } = (JSON.parse(String(raw)) as { agents: { list: typeof list } }).agents);
        return { ok: true };
      },
    });
    const others = ["lead-2", "lead-3"].map((id) =>
      createGatewayControlPlane({ client: running.client, retry }).patchHeartbeats({ [id]: heartbeat }),
    );
    const written = await Promise.all([running.plane.patchHeartbeats({ "lead-1": heartbeat }), ...others]);
    expect(written).toEqual([true, true, true]);
    expect(list).toEqual(["lead-1", "lead-2", "lead-3"].map((id) => ({ id, heartbeat })));
    expect(refused).toBeGreaterThan(0);
  });

  test("whose answer was lost in a restart count as written", async () => {
    await using running = await start({
      "config.get": inTurn(
        () => snapshot("h1"),
        () => snapshot("h2", { heartbeat }),
      ),
      "config.patch": (_, { restart }) => restart(),
    });
    expect(await running.plane.patchHeartbeats({ "lead-1": heartbeat })).toBe(true);
    expect(running.methods()).toEqual(["config.get", "config.patch", "config.get"]);
  });
});

describe("versions", () => {
  const written = (config: Record<string, unknown>) => ({ path: "p", exists: true, raw: "", parsed: {}, config });

  test.each<[string, Record<string, unknown>, string | undefined, boolean, readonly string[]]>([
    ["2026.11.20", {}, "2026.11.20", true, []],
    ["2026.1.30", {}, "2026.1.30", true, []],
    ["2026.1.29-4", {}, "2026.1.29-4", false, []],
    ["dev", { meta: { lastTouchedVersion: "2026.2.9" } }, "2026.2.9", true, ["config.get"]],
    ["dev", { meta: { lastTouchedVersion: "new" } }, undefined, false, ["config.get"]],
    ["dev", {}, undefined, false, ["config.get"]],
  ])("%s, %j", async (version, config, told, isSupported, methods) => {
    await using running = await start({ "config.get": () => written(config) }, version);
    expect(await running.plane.checkVersion()).toEqual({ version: told, isSupported });
    expect(running.methods()).toEqual(methods);
  });

  test("another minimum", async () => {
    await using running = await start({}, "2026.11.20");
    expect(await running.plane.checkVersion("2026.12.1")).toEqual({ version: "2026.11.20", isSupported: false });
    expect(await rejectionOf(running.plane.checkVersion("soon"))).toBeInstanceOf(TypeError);
  });
});

describe("links", () => {
  test("are made when needed, and again when they break", async () => {
    await using running = await start({
      health: inTurn(
        (_, { restart }) => restart(),
        () => ({ ok: true, ts: 1 }),
      ),
    });
    expect(await running.plane.health()).toMatchObject({ ok: true });
    expect(running.methods()).toEqual(["health", "health"]);
  });

  test("are not made again for a client that was closed", async () => {
    await using running = await start({});
    await running.client.close();
    expect(await rejectionOf(running.plane.health())).toMatchObject({ name: "ConnectionError", reason: "closed" });
    expect(running.calls).toEqual([]);
  });

  test("an abort ends a call that is not answered", async () => {
    const abort = new AbortController();
    await using running = await start({ health: () => abort.abort() });
    expect(await rejectionOf(running.plane.health({ signal: abort.signal }))).toMatchObject({ reason: "aborted" });
  });
});
