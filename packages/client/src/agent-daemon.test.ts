import { expect, test } from "vitest";
import { createAgentDaemon, type DaemonTurn } from "./index.ts";
import { connectScriptedClient, type ScriptedConnection } from "./testing/index.ts";

const request = {
  runId: "r1",
  agentId: "coder",
  sessionKey: "agent:coder:main",
  sessionId: "s",
  messages: [],
  attachments: [],
  allowedTools: "all",
};

async function startDaemon(onTurn: (turn: DaemonTurn) => Promise<void>) {
  const scripted = await connectScriptedClient({ role: "agent" });
  const errors: unknown[] = [];
  const daemon = createAgentDaemon({
    client: scripted.client,
    agentIds: ["coder"],
    onTurn,
    onError: (error) => errors.push(error),
  });
  await served(scripted.gateway);
  return { ...scripted, daemon, errors };
}

async function served(gateway: ScriptedConnection): Promise<void> {
  const asked = await gateway.receive("agent.serve");
  expect(asked.params).toEqual({ agentIds: ["coder"] });
  gateway.respond(asked, asked.params);
}

/** Answers reports until one of them ends the turn, and returns everything that was reported. */
async function reportsOf(gateway: ScriptedConnection): Promise<unknown[]> {
  const all: { type: string }[] = [];
  for (let seq = 0; ; seq++) {
    const asked = await gateway.receive("agent.turn.report");
    const { events, ...rest } = asked.params as { events: { type: string }[]; runId: string; seq: number };
    expect(rest).toEqual({ runId: "r1", seq });
    all.push(...events);
    const isOver = events.some(({ type }) => type === "end" || type === "error");
    gateway.respond(asked, { state: isOver ? "over" : "running" });
    if (isOver) return all;
  }
}

test("a turn is told in order and ends when the function returns", async () => {
  const { gateway, client, server } = await startDaemon(async (turn) => {
    for (let piece = 0; piece < 300; piece++) await turn.text(`${piece} `);
    await turn.toolStart({ toolCallId: "t", name: "read", args: { path: "x" } });
    await turn.toolEnd({ toolCallId: "t", name: "read", text: "found" });
    await turn.usage({ input: 1, output: 2 });
  });
  gateway.event("agent.turn.requested", request);
  const reports = await reportsOf(gateway);
  expect(reports).toHaveLength(304);
  expect(reports.slice(0, 2)).toEqual([
    { type: "text", delta: "0 " },
    { type: "text", delta: "1 " },
  ]);
  expect(reports.slice(-3)).toEqual([
    { type: "tool-end", toolCallId: "t", name: "read", result: { content: [{ type: "text", text: "found" }] } },
    { type: "usage", input: 1, output: 2 },
    { type: "end" },
  ]);
  await Promise.all([client.close(), server.close()]);
});

test("what the function throws ends the turn with an error", async () => {
  const { gateway, client, server } = await startDaemon(async () => {
    throw new Error("out of paint");
  });
  gateway.event("agent.turn.requested", request);
  expect(await reportsOf(gateway)).toEqual([{ type: "error", message: "out of paint" }]);
  await Promise.all([client.close(), server.close()]);
});

test("an abort reaches the function, and nothing is told after it", async () => {
  const aborted = Promise.withResolvers<unknown>();
  const { gateway, client, server, daemon, errors } = await startDaemon(async (turn) => {
    await new Promise((resolve) => turn.signal.addEventListener("abort", resolve, { once: true }));
    aborted.resolve(turn.signal.reason);
    await turn.text("too late");
  });
  gateway.event("agent.turn.requested", request);
  gateway.event("agent.turn.aborted", { runId: "r1", reason: "rpc" });
  expect(await aborted.promise).toBe("rpc");
  const stopping = daemon.stop();
  // The next thing said is that the daemon serves nothing.
  const asked = await gateway.receive("agent.serve");
  expect(asked.params).toEqual({ agentIds: [] });
  gateway.respond(asked, { agentIds: [] });
  await stopping;
  expect(errors).toEqual([]);
  await Promise.all([client.close(), server.close()]);
});

test("agents are served again after a reconnect, and turns of the old link are over", async () => {
  const reasons: unknown[] = [];
  const { gateway, client, server } = await startDaemon(async (turn) => {
    await new Promise((resolve) => turn.signal.addEventListener("abort", resolve, { once: true }));
    reasons.push(turn.signal.reason);
  });
  gateway.event("agent.turn.requested", request);
  gateway.event("tick", { ts: 1 });
  await new Promise<void>((resolve) => void client.on("tick", () => resolve()));
  gateway.terminate();
  const next = await server.accept();
  await next.welcome();
  await served(next);
  expect(reasons).toEqual(["link lost"]);
  await Promise.all([client.close(), server.close()]);
});

test("stopping ends the turns that run", async () => {
  const { gateway, client, server, daemon } = await startDaemon(() => new Promise(() => {}));
  gateway.event("agent.turn.requested", request);
  await new Promise<void>((resolve) => void client.on("agent.turn.requested", () => resolve()));
  const stopping = daemon.stop();
  const asked = await gateway.receive("agent.serve");
  gateway.respond(asked, { agentIds: [] });
  expect(await reportsOf(gateway)).toEqual([{ type: "error", message: "the daemon stopped" }]);
  await stopping;
  await Promise.all([client.close(), server.close()]);
});
