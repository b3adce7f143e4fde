import { expect, test } from "vitest";
import { createMemoryClient } from "../../testing/memory-client.ts";
import { createManualClock } from "../../testing/manual-clock.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";

type Row = {
  action: string;
  subject?: string;
  count: number;
  actor: Record<string, unknown>;
  detail?: Record<string, unknown>;
};

async function open(over: Parameters<typeof startTestGateway>[1] = {}) {
  const started = await startTestGateway(
    createScriptedRuntime(() => answer("hi")),
    over,
  );
  const join = async () => {
    const client = createMemoryClient(started.gateway);
    await client.connect();
    return client;
  };
  const client = await join();
  const list = async (params: Record<string, unknown> = {}, by = client) =>
    (await by.request("audit.list", params)).payload?.["events"] as Row[];
  return { ...started, client, join, list, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

test("who connected, who was refused and why, without the credential", async () => {
  await using opened = await open();
  const stranger = createMemoryClient(opened.gateway);
  await stranger.connect({ auth: { token: "wrong-token-of-a-stranger" } });
  const rows = await opened.list();
  expect(rows.map(({ action }) => action)).toEqual(["connection.refused", "connection.opened", "gateway.started"]);
  expect(rows[0]).toMatchObject({ subject: "AUTH_TOKEN_MISMATCH", status: "blocked", actor: { address: "memory" } });
  expect(rows[1]).toMatchObject({ actor: { type: "client", id: "shared:gateway-client", address: "memory" } });
  expect(JSON.stringify(rows)).not.toContain("wrong-token");
});

test("a flood of refusals from one address is two rows, and the log stays readable", async () => {
  const clock = createManualClock();
  await using opened = await open({ clock });
  for (let index = 0; index < 50; index++) {
    const stranger = createMemoryClient(opened.gateway);
    await stranger.connect({ auth: { token: `wrong-${index}` } });
  }
  clock.advance(10 * 60_000);
  // Those who said nothing for so long are gone.
  const refused = await opened.list({ kind: "connection", status: "blocked" }, await opened.join());
  // The lockout begins within the flood: two reasons, one row for the first of each and one for the rest.
  expect(refused.map(({ subject }) => subject).toSorted()).toEqual([
    "AUTH_RATE_LIMITED",
    "AUTH_RATE_LIMITED",
    "AUTH_TOKEN_MISMATCH",
    "AUTH_TOKEN_MISMATCH",
  ]);
  expect(refused.reduce((sum, { count }) => sum + count, 0)).toBe(50);
});

test("agents, their configuration and sessions: who changed what, never to what", async () => {
  await using opened = await open();
  const { client, list } = opened;
  await client.request("agents.create", { name: "Helper", workspace: "helper", emoji: "🦞" });
  await client.request("sessions.reset", { key: "agent:main:work" });
  await client.request("sessions.delete", { key: "agent:main:work" });
  await client.request("sessions.delete", { key: "agent:main:never-there" });
  const rows = (await list()).toReversed().slice(2);
  expect(rows.map(({ action, subject }) => [action, subject])).toEqual([
    ["config.changed", undefined],
    ["agent.created", "helper"],
    ["session.reset", "agent:main:work"],
    ["session.deleted", "agent:main:work"],
  ]);
  expect(rows[0]?.detail).toEqual({ keys: ["agents.list"] });
  for (const { actor } of rows) expect(actor["id"]).toBe("shared:gateway-client");
});

test("a call that `authorize` denies is told once with its count; the log itself needs admin", async () => {
  const clock = createManualClock();
  await using opened = await open({ clock });
  const reader = createMemoryClient(opened.gateway);
  await reader.connect({ scopes: ["operator.read"] });
  for (let index = 0; index < 5; index++) {
    expect((await reader.request("audit.list", {})).error).toMatchObject({ message: "missing scope: operator.admin" });
  }
  await reader.request("no.such.method", {});
  clock.advance(10 * 60_000);
  const denied = await opened.list({ kind: "access" }, await opened.join());
  expect(denied.map(({ subject, count }) => [subject, count])).toEqual([
    ["audit.list", 4],
    ["audit.list", 1],
  ]);
});

test("pages follow each other without a gap, and a filter that does not exist is refused", async () => {
  await using opened = await open();
  const { client } = opened;
  for (const name of ["a1", "a2", "a3"]) await client.request("agents.create", { name, workspace: name });
  const seen: number[] = [];
  let cursor: unknown;
  do {
    const { payload } = await client.request("audit.list", { limit: 2, ...(cursor !== undefined && { cursor }) });
    for (const { sequence } of (payload?.["events"] ?? []) as { sequence: number }[]) seen.push(sequence);
    cursor = payload?.["nextCursor"];
  } while (cursor !== undefined);
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => seen.length - index));
  expect((await client.request("audit.list", { kind: "nothing" })).error).toMatchObject({ code: "INVALID_REQUEST" });
});

test("pairing of nodes: who asked, with which commands, and who decided", async () => {
  await using opened = await open();
  // Nodes ask with this method in protocol 3 only.
  const client = createMemoryClient(opened.gateway);
  await client.connect({ minProtocol: 3, maxProtocol: 3 });
  const ask = async (nodeId: string): Promise<string> => {
    const answer = await client.request("node.pair.request", { nodeId, commands: ["camera.snap"] });
    return (answer.payload as { request: { requestId: string } }).request.requestId;
  };
  await client.request("node.pair.approve", { requestId: await ask("phone") });
  await client.request("node.pair.reject", { requestId: await ask("stranger") });
  await client.request("node.rename", { nodeId: "phone", displayName: "Kitchen" });
  await opened.client.request("node.pair.remove", { nodeId: "phone" });
  const rows = (await opened.list({ kind: "node" })).toReversed();
  expect(rows.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
    "node.pairing.requested phone",
    "node.pairing.approved phone",
    "node.pairing.requested stranger",
    "node.pairing.rejected stranger",
    "node.renamed phone",
    "node.removed phone",
  ]);
  expect(rows[0]?.detail).toEqual({ commands: ["camera.snap"] });
  expect(rows.every(({ actor }) => actor["id"] === "shared:gateway-client")).toBe(true);
});
