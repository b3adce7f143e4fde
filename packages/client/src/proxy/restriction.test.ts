import { describe, expect, test } from "vitest";
import type { Admission } from "./options.ts";
import { createRestriction } from "./restriction.ts";

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const decode = (data: Buffer | undefined): unknown => data && JSON.parse(data.toString());
const hello = {
  type: "hello-ok",
  features: { methods: ["chat.send", "config.set", "sessions.list"], events: [] },
  snapshot: {
    presence: [{ text: "somebody else" }],
    health: { channels: {} },
    configPath: "/srv/openclaw.json",
    stateVersion: { presence: 1, health: 1 },
    uptimeMs: 5,
    sessionDefaults: { defaultAgentId: "support", mainKey: "main" },
  },
};

function open(admission: Admission) {
  const restriction = createRestriction(admission, "c1");
  const shown = decode(restriction.show(encode({ type: "res", id: "c1", ok: true, payload: hello })));
  const ask = (method: string, params?: unknown) => {
    const verdict = restriction.judge(encode({ type: "req", id: "r1", method, params }));
    return verdict.pass || (decode(verdict.answer) as { error: { code: string; message: string } }).error.message;
  };
  const show = (frame: object) => decode(restriction.show(encode(frame)));
  return { restriction, shown, ask, show };
}

describe("a page that may use some sessions only", () => {
  test("sees of hello-ok what concerns it", () => {
    const { shown } = open({ sessions: ["main"] });
    expect(shown).toMatchObject({ payload: { features: { methods: ["chat.send", "sessions.list"] } } });
    expect((shown as { payload: typeof hello }).payload.snapshot).toEqual({
      presence: [],
      health: {},
      stateVersion: { presence: 1, health: 1 },
      uptimeMs: 5,
      sessionDefaults: { defaultAgentId: "support", mainKey: "main" },
    });
  });

  test("asks nothing before hello-ok", () => {
    const { judge } = createRestriction({ sessions: ["main"] }, "c1");
    expect(judge(encode({ type: "req", id: "1", method: "chat.send", params: { sessionKey: "main" } }))).toMatchObject({
      pass: false,
    });
  });

  test.each<[string, unknown, boolean]>([
    ["chat.send", { sessionKey: "main" }, true],
    ["chat.send", { sessionKey: "agent:support:main" }, true],
    ["chat.send", { sessionKey: "AGENT:Support:Main" }, true],
    ["chat.history", { sessionKey: "agent:support:other" }, false],
    ["chat.history", { sessionKey: "agent:main:main" }, false],
    ["chat.history", {}, false],
    ["chat.history", undefined, false],
    ["chat.history", { sessionKey: ["main"] }, false],
    ["chat.send", { sessionKey: "main", key: "agent:support:other" }, false],
    ["chat.send", { key: "main" }, false],
    ["chat.send", { sessionKey: "main", agentId: "support" }, true],
    ["sessions.preview", { keys: ["main", "agent:support:main"] }, true],
    ["sessions.preview", { keys: ["main", "agent:support:other"] }, false],
    ["sessions.preview", { keys: [] }, false],
    ["sessions.reset", { key: "main" }, true],
    ["streams.subscribe", { sessionKey: "main" }, true],
    ["streams.subscribe", { runId: "r1" }, false],
    ["sessions.list", undefined, true],
    ["models.list", undefined, true],
    ["events.resume", { connId: "c", seq: 0 }, false],
    ["config.get", undefined, false],
    ["sessions.patch", { key: "main", label: "x" }, false],
    ["toString", { sessionKey: "main" }, false],
  ])("asks %s %j: %s", (method, params, isAllowed) => {
    expect(open({ sessions: ["main"] }).ask(method, params) === true).toBe(isAllowed);
  });

  test.each<[string, boolean]>([
    ["agent:support:main", true],
    ["agent:support:ticket-7", true],
    ["ticket-7", true],
    ["agent:main:main", false],
    ["agent:support2:main", false],
    ["global", false],
  ])("of its agents: %s %s", (sessionKey, isAllowed) => {
    expect(open({ agents: ["support"] }).ask("chat.send", { sessionKey }) === true).toBe(isAllowed);
  });

  test("is refused under the id of its request", () => {
    const { restriction } = open({ sessions: ["main"] });
    const verdict = restriction.judge(encode({ type: "req", id: "r7", method: "config.get" }));
    expect(verdict.pass ? undefined : decode(verdict.answer)).toEqual({
      type: "res",
      id: "r7",
      ok: false,
      error: {
        code: "FORBIDDEN",
        message: "config.get is not available here",
        details: { code: "PROXY_RESTRICTED" },
      },
    });
    expect(restriction.judge(Buffer.from("not json"))).toEqual({ pass: false, answer: undefined });
  });

  test.each<[string, object, boolean]>([
    ["chat", { payload: { sessionKey: "agent:support:main", state: "final" } }, true],
    ["chat", { payload: { sessionKey: "main" } }, true],
    ["chat", { payload: { sessionKey: "agent:support:other" } }, false],
    ["agent", { payload: { runId: "r" } }, false],
    ["agent", { payload: { runId: "r" }, position: { sessionKey: "agent:support:main" } }, true],
    ["sessions.changed", { payload: { key: "agent:support:other" } }, false],
    ["sessions.changed", { payload: { key: "main", sessionKey: "agent:support:other" } }, false],
    ["presence", { payload: { presence: [] } }, false],
    ["tick", { payload: { ts: 1 } }, true],
    ["shutdown", { payload: { reason: "restart" } }, true],
  ])("sees the event %s %j: %s", (event, more, isShown) => {
    const frame = { type: "event", event, seq: 7, ...more };
    const { show } = open({ sessions: ["main"] });
    expect(show(frame)).toEqual(isShown ? frame : { type: "event", event: "hidden", seq: 7 });
  });

  test("sees its own rows of lists, and nothing that is no frame", () => {
    const { restriction, show } = open({ agents: ["support"] });
    for (const [id, method] of [
      ["l1", "sessions.list"],
      ["l2", "agents.list"],
    ] as const) {
      expect(restriction.judge(encode({ type: "req", id, method }))).toEqual({ pass: true });
    }
    const sessions = [{ key: "agent:support:main" }, { key: "agent:main:main" }, null];
    expect(show({ type: "res", id: "l1", ok: true, payload: { count: 3, sessions } })).toMatchObject({
      payload: { count: 1, sessions: [{ key: "agent:support:main" }] },
    });
    const agents = [{ id: "support" }, { id: "main" }];
    expect(show({ type: "res", id: "l2", ok: true, payload: { agents } })).toMatchObject({
      payload: { agents: [{ id: "support" }] },
    });
    expect(show({ type: "event", event: "presence" })).toBeUndefined();
    expect(restriction.show(Buffer.from("{"))).toBeUndefined();
  });
});
