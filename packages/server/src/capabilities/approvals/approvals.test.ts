import { describe, expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

async function open() {
  const started = await startTestGateway(createScriptedRuntime(() => answer("hi")));
  const connect = async (scopes: string[], over: Record<string, unknown> = {}) => {
    const client = createMemoryClient(started.gateway);
    await client.connect({ scopes, ...over });
    return client;
  };
  return { connect, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}
const approver = ["operator.approvals"];

describe("a request for approval", () => {
  test("in two phases, decided by another connection, told to approvers only", async () => {
    await using gateway = await open();
    const [asks, decides, reads] = await Promise.all([
      gateway.connect(approver),
      gateway.connect(approver, {
        client: { id: "cli", version: "1", platform: "test", mode: "cli", displayName: "Approver" },
      }),
      gateway.connect(["operator.read", "operator.write"]),
    ]);
    const asking = { id: "a1", command: "ls -la", cwd: "/", host: "gateway", twoPhase: true, timeoutMs: 5_000 };
    expect((await asks.request("exec.approval.request", asking)).payload).toMatchObject({
      status: "accepted",
      id: "a1",
    });
    const { payload } = await decides.event("exec.approval.requested");
    expect(payload).toMatchObject({
      id: "a1",
      request: { command: "ls -la", cwd: "/", host: "gateway", agentId: null },
    });
    expect((await decides.request("exec.approval.list")).payload).toMatchObject([{ id: "a1" }]);
    const waits = asks.request("exec.approval.waitDecision", { id: "a1" });
    expect((await decides.request("exec.approval.resolve", { id: "a1", decision: "allow-once" })).payload).toEqual({
      ok: true,
    });
    expect((await waits).payload).toMatchObject({ id: "a1", decision: "allow-once" });
    expect((await asks.event("exec.approval.resolved")).payload).toMatchObject({
      decision: "allow-once",
      resolvedBy: "Approver",
    });
    expect((await decides.request("exec.approval.get", { id: "a1" })).payload).toMatchObject({
      status: "approved",
      resolvedBy: "Approver",
    });
    expect((await decides.request("approval.history")).payload).toMatchObject({
      items: [{ id: "a1", decision: "allow-once" }],
    });
    expect(reads.received.filter(({ event }) => event?.startsWith("exec."))).toEqual([]);
    expect((await reads.request("exec.approval.list")).error).toMatchObject({ code: "FORBIDDEN" });
    expect((await reads.request("exec.approval.resolve", { id: "a1", decision: "deny" })).error).toMatchObject({
      code: "FORBIDDEN",
    });
  });

  test("T-E2: what only the gateway may know is not taken from a caller", async () => {
    await using gateway = await open();
    const client = await gateway.connect(approver);
    const forged = {
      id: "forged",
      command: "ls",
      cwd: "/",
      host: "gateway",
      resolvedPath: "/tmp/innocent",
      approved: true,
      decision: "allow-always",
      approvalDecision: "allow-once",
      state: "approved",
      planHash: "0".repeat(64),
      plan: { argv: ["rm"] },
      systemRunPlan: { argv: ["rm"] },
      grantable: { agentId: "main", pattern: "/**", argv: [] },
      resolvedBy: "somebody",
      unavailableDecisions: ["deny"],
      createdAtMs: 1,
      expiresAtMs: Number.MAX_SAFE_INTEGER,
      twoPhase: true,
    };
    await client.request("exec.approval.request", forged);
    const { payload } = await client.request("exec.approval.get", { id: "forged" });
    expect(payload).toMatchObject({ status: "pending", decision: null, resolvedBy: null });
    expect(payload?.["expiresAtMs"]).toBeLessThan(Date.now() + 130_000);
    const request = payload?.["request"] as Record<string, unknown>;
    expect(request["resolvedPath"]).toMatch(/\/ls$/);
    expect(JSON.stringify(payload)).not.toMatch(/innocent|somebody|\/\*\*|"rm"|00000000|"deny"/);
  });

  test("T-E4: text and words that differ are shown as the words", async () => {
    await using gateway = await open();
    const client = await gateway.connect(approver);
    const asked = {
      id: "spoof",
      command: "ls",
      commandArgv: ["rm", "-rf", "/ "],
      cwd: "/",
      host: "gateway",
      twoPhase: true,
    };
    await client.request("exec.approval.request", asked);
    const { payload } = await client.request("exec.approval.get", { id: "spoof" });
    expect(payload).toMatchObject({ request: { command: "rm -rf '/ '", commandArgv: ["rm", "-rf", "/ "] } });
  });

  test("allow-always lists exactly the file and the words, may end, and can be seen", async () => {
    await using gateway = await open();
    const client = await gateway.connect(["operator.admin"]);
    const ask = (id: string, command: string) =>
      client.request("exec.approval.request", {
        id,
        command,
        cwd: "/",
        host: "gateway",
        agentId: "main",
        twoPhase: true,
      });
    const resolve = (id: string, more: object = {}) =>
      client.request("exec.approval.resolve", { id, decision: "allow-always", ...more });
    await ask("a", "ls '-la'");
    expect((await resolve("a", { grantExpiresInDays: 2 })).payload).toEqual({ ok: true });
    const { payload } = await client.request("exec.approvals.get");
    expect(payload).toMatchObject({
      file: { agents: { main: { allowlist: [{ argv: ["ls", "-la"], source: "allow-always" }] } } },
    });
    const grants = (await client.request("exec.approval.grants.list")).payload;
    expect(grants).toMatchObject({
      grants: [{ agentId: "main", argv: ["ls", "-la"], expiresAtMs: expect.any(Number) }],
    });

    for (const [id, command] of [
      ["b", "sh -c whoami"],
      ["c", "ls; id"],
      ["d", "env ls"],
    ] as const) {
      await ask(id, command);
      const { error } = await resolve(id);
      expect(error).toMatchObject({ code: "INVALID_REQUEST", details: { reason: "decision-unavailable" } });
      expect((await client.request("exec.approval.resolve", { id, decision: "allow-once" })).ok).toBe(true);
    }
    expect((await client.request("exec.approval.grants.list")).payload).toMatchObject({ grants: [{}] });
  });

  test("names of older clients mean the same", async () => {
    await using gateway = await open();
    const client = await gateway.connect(["operator.admin"]);
    await client.request("exec.approval.request", { id: "x", command: "ls", twoPhase: true });
    expect((await client.request("exec.approvals.list")).payload).toMatchObject({ approvals: [{ id: "x" }] });
    expect((await client.request("exec.approvals.resolve", { approvalId: "x", approved: false })).payload).toEqual({
      ok: true,
    });
    expect((await client.request("exec.approval.get", { id: "x" })).payload).toMatchObject({ decision: "deny" });
    const set = await client.request("exec.approvals.overrides.set", { overrides: { main: { ask: "always" } } });
    expect(set.payload).toMatchObject({ overrides: { main: { ask: "always" } } });
    expect((await client.request("exec.approvals.overrides")).payload).toEqual(set.payload);
  });
});

test("the token of the approvals socket is shown to nobody", async () => {
  await using gateway = await open();
  const client = await gateway.connect(["operator.admin"]);
  const { payload } = await client.request("exec.approvals.get");
  const file = { version: 1, socket: { path: "/s", token: "very-secret" } };
  const set = await client.request("exec.approvals.set", { file, baseHash: payload?.["hash"] });
  expect(set.payload).toMatchObject({ file: { socket: { path: "/s" } } });
  expect(JSON.stringify(client.received)).not.toContain("very-secret");
});
