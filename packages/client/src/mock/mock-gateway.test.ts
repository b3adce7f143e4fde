import { describe, expect, test } from "vitest";
import { type ChatFold, createRandomId, foldChat, GatewayClient, isTerminal } from "../index.ts";
import { createManualClock, type ManualClock, rejectionOf, untilState } from "../testing/index.ts";
import { createMockGateway, type MockGatewayOptions, type MockReply } from "./index.ts";

/** A connected client of a mock that works as fast as it can. */
async function connectMock(
  options: MockGatewayOptions = {},
  config: ConstructorParameters<typeof GatewayClient>[0] = {},
) {
  const mock = createMockGateway({ stepMs: 0, ...options });
  const client = new GatewayClient(
    { scopes: ["operator.admin"], environment: {}, caps: ["tool-events"], ...config },
    { mode: "mock", mock, autoReconnect: { minDelayMs: 1, maxDelayMs: 1 } },
  );
  await client.connect();
  return { mock, client, [Symbol.asyncDispose]: () => client.disconnect() };
}

/** Sends a message and resolves with the run as its events show it. */
async function converse(client: GatewayClient, sessionKey: string, message: string): Promise<ChatFold> {
  const { promise, resolve } = Promise.withResolvers<ChatFold>();
  let fold: ChatFold | undefined;
  const runId = createRandomId();
  const off = client.on("chat", (event) => {
    if (event.runId !== runId) return;
    fold = foldChat(fold, event);
    if (isTerminal(fold)) resolve(fold);
  });
  await client.sessionsSend(sessionKey, message, { idempotencyKey: runId });
  try {
    return await promise;
  } finally {
    off();
  }
}

describe("a conversation", () => {
  test("streams, is stored, and shows in lists and previews", async () => {
    await using one = await connectMock();
    const { client } = one;
    const deltas: string[] = [];
    client.on("chat", (event) => event.state === "delta" && deltas.push(event.deltaText));
    const answer = await converse(client, "main", "hello there");
    expect(answer).toMatchObject({ state: "final", sessionKey: "agent:main:main", stopReason: "stop" });
    expect(answer.text).toContain("hello there");
    expect(deltas.length).toBeGreaterThan(3);
    expect(deltas.join("")).toBe(answer.text);

    const history = await client.sessionsHistory("main");
    expect(history.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(history[1]).toMatchObject({ content: [{ type: "text", text: answer.text }], stopReason: "stop" });
    const [session] = await client.sessionsList({ includeDerivedTitles: true, includeLastMessage: true });
    expect(session).toMatchObject({
      key: "agent:main:main",
      derivedTitle: "hello there",
      lastMessagePreview: answer.text,
    });
    const { previews } = await client.api.sessions.preview({ keys: ["main", "nowhere"] });
    expect(previews.map(({ status }) => status)).toEqual(["ok", "missing"]);
  });

  test("simulates tools; their events and messages are those of a real turn", async () => {
    await using one = await connectMock();
    const { client } = one;
    const steps: string[] = [];
    client.on("agent", ({ stream, data }) => {
      if (stream === "tool" || stream === "lifecycle") steps.push(`${stream} ${String(data["phase"])}`);
    });
    const answer = await converse(client, "main", "read notes.md");
    expect(answer.text).toBe("I use read. \n\nDone: read notes.md.");
    expect(steps).toEqual(["lifecycle start", "tool start", "tool result", "lifecycle end"]);
    const [, call, result, last] = await client.sessionsHistory("main");
    expect(call).toMatchObject({
      stopReason: "toolUse",
      content: [{ type: "text" }, { type: "toolCall", name: "read", arguments: { path: "notes.md" } }],
    });
    expect(result).toMatchObject({ role: "toolResult", toolName: "read", isError: false });
    expect(last).toMatchObject({ role: "assistant", stopReason: "stop" });
  });

  test("a command that a person has to allow waits for the answer", async () => {
    await using one = await connectMock();
    const { client } = one;
    const { hash } = await client.api.exec.approvals.get();
    expect(await rejectionOf(client.api.exec.approvals.set({ file: { version: 1 }, baseHash: "old" }))).toMatchObject({
      message: expect.stringContaining("changed since last load"),
    });
    await client.api.exec.approvals.set({ file: { version: 1, defaults: { ask: "always" } }, baseHash: hash });
    for (const decision of ["allow-once", "deny"] as const) {
      const off = client.on("exec.approval.requested", ({ id, request }) => {
        expect(request.command).toBe("ls -la");
        void client.api.exec.approval.resolve({ id, decision });
      });
      const answer = await converse(client, "main", "exec ls -la");
      expect(answer.text).toContain(decision === "deny" ? "I was not allowed to." : "Done: exec ls -la.");
      off();
    }
    const { items } = await client.api.approval.history();
    expect(items.map(({ decision }) => decision)).toEqual(["deny", "allow-once"]);
  });

  test("fails as it is told to", async () => {
    await using one = await connectMock();
    const { client } = one;
    expect(await converse(client, "main", "fail no quota left")).toMatchObject({
      state: "error",
      errorMessage: "no quota left",
    });
    const failed = client.api.agent({ message: "fail again", idempotencyKey: "k" });
    expect(await rejectionOf(failed)).toMatchObject({
      code: "UNAVAILABLE",
      message: "again",
      payload: { runId: "k", status: "error" },
    });
  });

  test("follows a script of its own, step by step", async () => {
    const reply: MockReply = async function* ({ history, approve }) {
      yield { think: "hm" };
      yield { say: `${history.length} before. ` };
      const decision = await approve("rm -rf /");
      yield { tool: "exec", args: { command: "rm" }, result: String(decision), isError: true };
      throw new Error("out of ideas");
    };
    const clock = createManualClock(1_000);
    await using one = await connectMock({ reply, clock });
    const { client } = one;
    const ended = converse(client, "main", "go");
    const asked = new Promise<string>((resolve) => client.once("exec.approval.requested", ({ id }) => resolve(id)));
    const id = await duringTime(clock, asked);
    expect(await client.api.exec.approval.get({ id })).toMatchObject({
      status: "pending",
      request: { command: "rm -rf /" },
    });
    // Nobody answers.
    clock.advance(120_000);
    expect(await duringTime(clock, ended)).toMatchObject({
      state: "error",
      text: "0 before. ",
      errorMessage: "out of ideas",
    });
    expect((await client.sessionsHistory("main"))[2]).toMatchObject({ content: [{ text: "null" }], isError: true });
  });
});

describe("turns", () => {
  test("one at a time in a session; a repeated key is the same message", async () => {
    const clock = createManualClock();
    await using one = await connectMock({ clock, stepMs: 100 });
    const { client } = one;
    const starts: string[] = [];
    client.on("agent", ({ runId, data }) => data["phase"] === "start" && starts.push(runId));
    const send = (idempotencyKey: string) =>
      client.request("chat.send", { sessionKey: "main", message: "x", idempotencyKey });
    expect(await send("a")).toEqual({ runId: "a", status: "started" });
    expect(await send("b")).toEqual({ runId: "b", status: "started" });
    expect(await send("a")).toEqual({ runId: "a", status: "in_flight" });
    expect(starts).toEqual(["a"]);
    expect(await duringTime(clock, client.api.agent.wait({ runId: "b", timeoutMs: 1 }))).toEqual({
      runId: "b",
      status: "timeout",
    });
    expect(await duringTime(clock, client.api.agent.wait({ runId: "b" }))).toMatchObject({ runId: "b", status: "ok" });
    expect(starts).toEqual(["a", "b"]);
    expect(await send("a")).toEqual({ runId: "a", status: "ok" });
    expect((await client.sessionsHistory("main")).filter(({ role }) => role === "user")).toHaveLength(2);
  });

  test("an abort keeps what was said", async () => {
    const clock = createManualClock();
    await using one = await connectMock({ clock, stepMs: 100 });
    const { client } = one;
    const ended = converse(client, "main", "a long story");
    const said = new Promise<void>((resolve) => client.once("chat", () => resolve()));
    await duringTime(clock, said);
    const { aborted, runIds } = await client.sessionsKill("main");
    expect([aborted, runIds.length]).toEqual([true, 1]);
    const end = await ended;
    expect(end).toMatchObject({ state: "aborted", stopReason: "rpc" });
    expect(await client.sessionsHistory("main")).toMatchObject([
      { role: "user" },
      { role: "assistant", stopReason: "aborted", content: [{ text: end.text }] },
    ]);
    expect(await client.sessionsKill("main")).toEqual({ ok: true, aborted: false, runIds: [] });
  });

  test("a spawned session works and tells its parent", async () => {
    await using one = await connectMock();
    const { client } = one;
    await client.api.sessions.messages.subscribe({ key: "main" });
    const told = new Promise<string>((resolve) =>
      client.on("session.message", ({ message }) => resolve(JSON.stringify(message["content"]))),
    );
    const { sessionKey, runId, parentSessionKey } = await client.sessionsSpawn({ task: "count", label: "Counting" });
    expect(parentSessionKey).toBe("agent:main:main");
    expect(await client.api.agent.wait({ runId: runId ?? "" })).toMatchObject({ status: "ok" });
    expect(await told).toContain('[Sub-agent] \\"Counting\\" has finished.');
    expect(await client.sessionsList({ spawnedBy: "main" })).toMatchObject([{ key: sessionKey, label: "Counting" }]);
    expect(await client.sessionsSpawn()).toMatchObject({ status: "created" });
  });
});

describe("as strict as a gateway", () => {
  test("what it does not have is an unknown method, and not advertised", async () => {
    await using one = await connectMock();
    const { client, mock } = one;
    expect(await rejectionOf(client.request("usage.cost"))).toMatchObject({
      code: "INVALID_REQUEST",
      message: "unknown method: usage.cost",
    });
    expect(await rejectionOf(client.requestUntyped("toString"))).toMatchObject({ message: "unknown method: toString" });
    expect(client.hello?.features.methods).not.toContain("usage.cost");
    expect(mock.methods).toEqual(expect.arrayContaining(client.hello?.features.methods ?? []));
  });

  test("params are checked in the words of a gateway; newer members are dropped, older names known", async () => {
    await using one = await connectMock();
    const { client } = one;
    expect(await rejectionOf(client.requestUntyped("sessions.list", { limit: "x" }))).toMatchObject({
      message: "invalid sessions.list params: at /limit: must be integer",
    });
    expect(await rejectionOf(client.requestUntyped("chat.send", {}))).toMatchObject({
      message: expect.stringContaining("must have required property 'sessionKey'"),
    });
    expect(await client.requestUntyped("sessions.list", { novelty: 1 })).toMatchObject({ count: 0 });
    await client.api.sessions.patch({ key: "main", label: "L" });
    expect(await client.requestUntyped("sessions.preview", { key: "main" })).toMatchObject({
      previews: [{ status: "empty" }],
    });
  });

  test("scopes, credentials, roles and protocols are what they are", async () => {
    await using one = await connectMock({}, { scopes: ["operator.read"] });
    expect(await rejectionOf(one.client.sessionsSend("main", "x"))).toMatchObject({
      code: "FORBIDDEN",
      message: "missing scope: operator.write",
    });
    const mock = createMockGateway({ token: "right" });
    const connect = (config: ConstructorParameters<typeof GatewayClient>[0]) => {
      const client = new GatewayClient({ environment: {}, ...config }, { mode: "mock", mock });
      return client.connect().finally(() => client.disconnect());
    };
    expect(await rejectionOf(connect({ token: "wrong" }))).toMatchObject({ code: "AUTHENTICATION_ERROR" });
    expect(await rejectionOf(connect({ token: "right", role: "node" }))).toMatchObject({
      message: "AUTHENTICATION_ERROR: unauthorized role: node",
    });
    expect(await rejectionOf(connect({ token: "right", maxProtocol: 3 }))).toMatchObject({
      message: "protocol mismatch",
    });
    expect(await connect({ token: "right" })).toMatchObject({ type: "hello-ok", protocol: 4 });
  });

  test("the same seed and clock tell the same story", async () => {
    const tell = async (seed: number): Promise<string> => {
      await using one = await connectMock({ seed, clock: createManualClock(5_000) });
      const { client } = one;
      const frames: unknown[] = [client.hello];
      client.onEvent((frame) => frames.push(frame));
      const { sessionKey } = await client.sessionsSpawn({ label: "empty" });
      await client.api.sessions.messages.subscribe({ key: sessionKey });
      await client.request("chat.inject", { sessionKey, message: "so it begins" });
      frames.push(await client.sessionsList(), await client.sessionsHistory(sessionKey));
      return JSON.stringify(frames);
    };
    const first = await tell(7);
    expect(await tell(7)).toBe(first);
    expect(await tell(8)).not.toBe(first);
  });

  test("connections may be lost and come back to the same state; presence and ticks are told", async () => {
    const clock = createManualClock();
    await using one = await connectMock({ clock, tickIntervalMs: 1_000 });
    const { client, mock } = one;
    await client.api.sessions.patch({ key: "kept", label: "K" });
    const gone = new Promise<unknown>((resolve) => client.once("disconnected", resolve));
    const present = new Promise<number>((resolve) => client.on("presence", ({ presence }) => resolve(presence.length)));
    mock.disconnect();
    expect(await gone).toEqual({ code: 1012, reason: "service restart" });
    const back = untilState(client, "ready");
    clock.advance(10);
    await back;
    expect(await present).toBe(2);
    expect(await client.sessionsList()).toMatchObject([{ label: "K" }]);
    const ticked = new Promise<number>((resolve) => client.once("tick", ({ ts }) => resolve(ts)));
    clock.advance(1_000);
    expect(await ticked).toBe(clock.now());
    const shutdown = new Promise<unknown>((resolve) => client.once("shutdown", resolve));
    mock.publish("shutdown", { reason: "test", restartExpectedMs: null });
    expect(await shutdown).toEqual({ reason: "test", restartExpectedMs: null });
  });
});

describe("streams", () => {
  test("are whole over connections that are lost again and again", async () => {
    const mock = createMockGateway({ stepMs: 2 });
    const connect = async (): Promise<{ client: GatewayClient; heard: string[]; text: () => string }> => {
      const client = new GatewayClient(
        { environment: {} },
        { mode: "mock", mock, autoReconnect: { minDelayMs: 1, maxDelayMs: 2 } },
      );
      const heard: string[] = [];
      let text = "";
      client.onEvent(({ event, payload, position }) => {
        if (position) heard.push(`${position.offset} ${event} ${JSON.stringify(payload)}`);
      });
      client.on("chat", (event) => {
        if (event.state === "delta") text += event.deltaText;
      });
      await client.connect();
      await client.follow({ sessionKey: "main" }).ready;
      return { client, heard, text: () => text };
    };
    const [steady, torn] = [await connect(), await connect()];
    const words = Array.from({ length: 60 }, (_, index) => `w${index}`).join(" ");
    const ended = (client: GatewayClient) =>
      new Promise<void>((resolve) => client.on("chat", ({ state }) => state === "final" && resolve()));
    const both = Promise.all([ended(steady.client), ended(torn.client)]);
    await steady.client.sessionsSend("main", `read ${words}`);
    let cuts = 0;
    torn.client.on("disconnected", () => cuts++);
    let isOver = false;
    void both.then(() => (isOver = true));
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      mock.disconnect({ connId: torn.client.hello?.server.connId ?? "" });
    }
    await both;
    expect(cuts).toBeGreaterThan(0);
    expect(torn.heard).toEqual(steady.heard);
    expect(torn.text()).toContain("w59");
    expect(torn.text()).toBe(steady.text());
    await Promise.all([steady.client.disconnect(), torn.client.disconnect()]);
  });

  test("a run, what runs at the beginning, and what is not known", async () => {
    const clock = createManualClock();
    await using one = await connectMock({ clock, stepMs: 10 });
    const { client } = one;
    const sent = await client.sessionsSend("main", "hello you");
    const runId = sent.runId ?? "";
    const running = await client.api.streams.subscribe({ sessionKey: "main" });
    expect(running).toMatchObject({
      events: [],
      snapshot: { reason: "new", runs: [{ runId, state: "running", text: "" }] },
    });
    await duringTime(clock, client.api.agent.wait({ runId }));
    const rest = await client.api.streams.subscribe({ sessionKey: "main", from: running.position });
    expect(rest.events.at(-1)).toMatchObject({ event: "chat", payload: { state: "final" } });
    const ofRun = await client.api.streams.subscribe({ runId, from: { epoch: rest.position.epoch, offset: 0 } });
    expect(ofRun.events).toHaveLength(ofRun.position.offset);
    const lost = await client.api.streams.subscribe({ sessionKey: "main", from: { epoch: "another life", offset: 1 } });
    expect(lost.snapshot).toMatchObject({ reason: "gone" });
    expect(await rejectionOf(client.api.streams.subscribe({ runId: "nobody's" }))).toMatchObject({
      message: "unknown run: nobody's",
    });
    expect(await rejectionOf(client.api.streams.subscribe())).toMatchObject({
      message: expect.stringContaining("one of both"),
    });
  });
});

describe("agents", () => {
  test("are created, described, changed and deleted; their notes are read and written", async () => {
    await using one = await connectMock({ agents: ["Scribe"] });
    const { client } = one;
    const { agents } = client.api;
    expect((await agents.list()).agents.map(({ id }) => id)).toEqual(["main", "scribe"]);
    expect(await agents.create({ name: "Helper One", emoji: "🛠" })).toMatchObject({ agentId: "helper-one" });
    expect(await rejectionOf(agents.create({ name: "helper one" }))).toMatchObject({
      message: 'agent "helper-one" already exists',
    });
    await agents.update({ agentId: "helper-one", name: "Helper" });
    expect(await client.api.agent.identity.get({ agentId: "helper-one" })).toMatchObject({
      name: "Helper",
      emoji: "🛠",
    });
    await agents.files.set({ agentId: "helper-one", name: "MEMORY.md", content: "héllo" });
    expect((await agents.files.get({ agentId: "helper-one", name: "MEMORY.md" })).file).toMatchObject({
      missing: false,
      size: 6,
      content: "héllo",
    });
    const { files } = await agents.files.list({ agentId: "helper-one" });
    expect(files.filter(({ missing }) => missing).map(({ name }) => name)).toEqual([
      "TOOLS.md",
      "HEARTBEAT.md",
      "BOOTSTRAP.md",
    ]);
    expect(await rejectionOf(agents.files.get({ agentId: "helper-one", name: "x.md" }))).toMatchObject({
      message: 'unsupported file "x.md"',
    });
    await agents.delete({ agentId: "helper-one" });
    expect(await rejectionOf(agents.update({ agentId: "helper-one", name: "x" }))).toMatchObject({
      message: 'agent "helper-one" not found',
    });
  });
});

/** Moves time on, a step whenever nothing else happens, until the promise settles. */
async function duringTime<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => (isSettled = true));
  settled.catch(() => {});
  while (!isSettled) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!isSettled && clock.waiting > 0) clock.advance(1);
  }
  return settled;
}
