import { describe, expect } from "vitest";
import { formOf, isEvent, runOf } from "../forms.ts";
import { at, type JsonObject, textAt } from "../json.ts";
import type { RawClient } from "../raw-client.ts";
import { call } from "../requests.ts";
import { type Ground, onOneGateway, verifies } from "../verifies.ts";

onOneGateway({
  agents: [
    { id: "coder", runtime: { type: "daemon" } },
    { id: "painter", runtime: { type: "daemon" } },
    { id: "vault", runtime: { type: "daemon", devices: ["a-device-that-nobody-has"] } },
  ],
});

const joinAs = ({ join }: Ground, role: string): Promise<RawClient> => join({ role, scopes: [] });
async function serve(ground: Ground, ...agentIds: string[]): Promise<RawClient> {
  const daemon = await joinAs(ground, "agent");
  expect(await call(daemon, "agent.serve", { agentIds })).toMatchObject({ ok: true, payload: { agentIds } });
  return daemon;
}
const requested = (daemon: RawClient, runId: string): Promise<JsonObject> =>
  daemon.find((frame) => frame["event"] === "agent.turn.requested" && textAt(frame, "payload", "runId") === runId);
const report = (daemon: RawClient, runId: string, seq: number, ...events: JsonObject[]): Promise<JsonObject> =>
  call(daemon, "agent.turn.report", { runId, seq, events });
const send = (client: RawClient, sessionKey: string, idempotencyKey: string, message = "hello"): Promise<JsonObject> =>
  call(client, "chat.send", { sessionKey, message, idempotencyKey });
const heard = (client: RawClient, runId: string, form: string): Promise<JsonObject> =>
  client.find((frame) => isEvent(frame) && runOf(frame) === runId && formOf(frame) === form);
const textOf = (frame: JsonObject): string => textAt(frame, "payload", "message", "content", 0, "text") ?? "";
async function statusOf(client: RawClient, agentId: string): Promise<unknown> {
  const agents = at((await call(client, "agents.list"))["payload"], "agents") as JsonObject[];
  return agents.find(({ id }) => id === agentId)?.["status"];
}
const end = { type: "end" };
const say = (delta: string): JsonObject => ({ type: "text", delta });

describe("agents that other programs run", () => {
  verifies("R-DAEMON-1", async (ground) => {
    const daemon = await joinAs(ground, "agent");
    for (const agentId of ["main", "vault", "nobody"]) {
      expect(await call(daemon, "agent.serve", { agentIds: ["coder", agentId] })).toMatchObject({
        ok: false,
        error: {
          message: expect.stringContaining(`not granted to serve agent "${agentId}"`),
          details: { code: "AGENT_NOT_GRANTED", agentId },
        },
      });
    }
    for (const [role, client] of [
      ["operator", await ground.join()],
      ["node", await joinAs(ground, "node")],
    ] as const) {
      for (const method of ["agent.serve", "agent.turn.report"]) {
        expect(await call(client, method, { agentIds: ["coder"] })).toMatchObject({
          error: { message: `unauthorized role: ${role}` },
        });
      }
    }
    for (const method of ["chat.send", "config.get", "agents.list"]) {
      expect(await call(daemon, method, {})).toMatchObject({ error: { message: "unauthorized role: agent" } });
    }
  });

  verifies("R-DAEMON-2", async (ground) => {
    const [daemon, client] = [await serve(ground, "coder"), await ground.join({ caps: ["tool-events"] })];
    const [session, runId] = [`agent:coder:${ground.fresh("s")}`, ground.fresh("run")];
    await call(client, "sessions.patch", { key: session, verboseLevel: "full" });
    expect(await send(client, session, runId, "what is in x?")).toMatchObject({ payload: { status: "started" } });
    const { payload } = await requested(daemon, runId);
    expect(payload).toMatchObject({ runId, agentId: "coder", sessionKey: session, attachments: [] });
    const messages = at(payload, "messages") as JsonObject[];
    expect(messages).toHaveLength(1);
    expect(JSON.stringify(messages)).toContain("what is in x?");
    const tool = { toolCallId: "t1", name: "read" };
    await report(daemon, runId, 0, say("Let me look."), { type: "tool-start", ...tool, args: { path: "x" } });
    const result = { content: [{ type: "text", text: "marmalade" }] };
    await report(daemon, runId, 1, { type: "tool-end", ...tool, result }, say("Marma"), say("lade."));
    const usage = { type: "usage", input: 100, output: 20, costMicroUsd: 5_000 };
    expect(await report(daemon, runId, 2, usage, end)).toMatchObject({ payload: { state: "over" } });
    const final = await heard(client, runId, "chat/final");
    expect(textOf(final)).toBe("Let me look.\n\nMarmalade.");
    expect(JSON.stringify(await heard(client, runId, "agent/tool/result"))).toContain("marmalade");
    const history = at((await call(client, "chat.history", { sessionKey: session }))["payload"], "messages");
    expect((history as JsonObject[]).map(({ role }) => role)).toEqual(["user", "assistant", "toolResult", "assistant"]);
    expect(at(history, 3)).toMatchObject({ provider: "daemon", model: "coder", usage: { input: 100, output: 20 } });
    const rows = at((await call(client, "sessions.list", {}))["payload"], "sessions") as JsonObject[];
    expect(rows.find(({ key }) => key === session)).toMatchObject({ inputTokens: 100, outputTokens: 20 });
  });

  verifies("R-DAEMON-3", async (ground) => {
    const [client, runId] = [await ground.join(), ground.fresh("run")];
    expect(await statusOf(client, "painter")).toBe("offline");
    expect(await statusOf(client, "main")).toBeUndefined();
    await send(client, `agent:painter:${ground.fresh("s")}`, runId);
    const { payload } = await heard(client, runId, "chat/error");
    expect(payload).toMatchObject({
      errorMessage: 'agent "painter" is offline: the daemon that serves it is not connected',
    });
    const daemon = await serve(ground, "painter");
    expect(await statusOf(client, "painter")).toBe("online");
    expect(await call(daemon, "agent.serve", { agentIds: [] })).toMatchObject({ ok: true });
    expect(await statusOf(client, "painter")).toBe("offline");
  });

  verifies("R-DAEMON-4", async (ground) => {
    const [daemon, client] = [await serve(ground, "coder"), await ground.join()];
    const [session, lost, later] = [`agent:coder:${ground.fresh("s")}`, ground.fresh("run"), ground.fresh("run")];
    await send(client, session, lost);
    await requested(daemon, lost);
    await report(daemon, lost, 0, say("I begin"));
    daemon.close();
    const { payload } = await heard(client, lost, "chat/error");
    expect(payload).toMatchObject({
      errorMessage: 'the daemon that serves agent "coder" went away during the turn',
    });
    expect(await statusOf(client, "coder")).toBe("offline");
    const again = await serve(ground, "coder");
    expect(await statusOf(client, "coder")).toBe("online");
    await send(client, session, later);
    expect(JSON.stringify(await requested(again, later))).toContain("I begin");
    await report(again, later, 0, say("Back."), end);
    expect(textOf(await heard(client, later, "chat/final"))).toBe("Back.");
  });

  verifies("R-DAEMON-5", async (ground) => {
    const [old, client] = [await serve(ground, "coder", "painter"), await ground.join()];
    const [before, after] = [ground.fresh("run"), ground.fresh("run")];
    await send(client, `agent:coder:${ground.fresh("s")}`, before);
    await requested(old, before);
    const fresh = await serve(ground, "coder");
    expect(await old.find(({ event }) => event === "agent.serve.ended")).toMatchObject({
      payload: { agentIds: ["coder"], reason: "replaced" },
    });
    await send(client, `agent:coder:${ground.fresh("s")}`, after);
    await requested(fresh, after);
    await report(fresh, after, 0, say("new"), end);
    await report(old, before, 0, say("old"), end);
    expect(textOf(await heard(client, after, "chat/final"))).toBe("new");
    expect(textOf(await heard(client, before, "chat/final"))).toBe("old");
    old.close();
    await old.closed();
    expect(await statusOf(client, "coder")).toBe("online");
  });

  verifies("R-DAEMON-6", async (ground) => {
    const [daemon, client] = [await serve(ground, "coder"), await ground.join()];
    const [session, runId] = [`agent:coder:${ground.fresh("s")}`, ground.fresh("run")];
    await send(client, session, runId);
    await requested(daemon, runId);
    await report(daemon, runId, 0, say("So far"));
    expect(await call(client, "chat.abort", { sessionKey: session })).toMatchObject({ payload: { runIds: [runId] } });
    expect(await daemon.find(({ event }) => event === "agent.turn.aborted")).toMatchObject({
      payload: { runId, reason: "rpc" },
    });
    expect(textOf(await heard(client, runId, "chat/aborted"))).toBe("So far");
    expect(await report(daemon, runId, 1, say(" and further"), end)).toMatchObject({ payload: { state: "over" } });
    const { payload } = await call(client, "chat.history", { sessionKey: session });
    expect(JSON.stringify(payload)).toContain("So far");
    expect(JSON.stringify(payload)).not.toContain("further");
  });

  verifies("R-DAEMON-7", async (ground) => {
    const [daemon, other, client] = [await serve(ground, "coder"), await serve(ground, "painter"), await ground.join()];
    const runId = ground.fresh("run");
    await send(client, `agent:coder:${ground.fresh("s")}`, runId);
    await requested(daemon, runId);
    expect(await report(daemon, runId, 0, say("one "))).toMatchObject({ payload: { state: "running" } });
    expect(await report(daemon, runId, 0, say("one "))).toMatchObject({ payload: { state: "running" } });
    expect(await report(daemon, runId, 2, say("three"))).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", details: { expectedSeq: 1 } },
    });
    expect(await report(other, runId, 1, say("mine"))).toMatchObject({ payload: { state: "over" } });
    expect(await report(daemon, runId, 1, { type: "dance" })).toMatchObject({ ok: false });
    await report(daemon, runId, 1, say("two"), { type: "error", message: "out of paint" });
    expect(await heard(client, runId, "chat/error")).toMatchObject({ payload: { errorMessage: "out of paint" } });
  });

  verifies("R-DAEMON-8", async (ground) => {
    const [daemon, client] = [await serve(ground, "coder"), await ground.join()];
    const [session, first, second, elsewhere] = [
      `agent:coder:${ground.fresh("s")}`,
      ground.fresh("run"),
      ground.fresh("run"),
      ground.fresh("run"),
    ];
    await send(client, session, first);
    await send(client, session, second);
    await send(client, `agent:coder:${ground.fresh("s")}`, elsewhere);
    await requested(daemon, first);
    await requested(daemon, elsewhere);
    expect(JSON.stringify(daemon.received)).not.toContain(second);
    await report(daemon, first, 0, say("1"), end);
    await requested(daemon, second);
    await report(daemon, second, 0, say("2"), end);
    await report(daemon, elsewhere, 0, say("3"), end);
    for (const runId of [first, second, elsewhere]) await heard(client, runId, "chat/final");
  });
});
