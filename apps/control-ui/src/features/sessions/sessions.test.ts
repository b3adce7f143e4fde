import type { SessionRow } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import type { AppAction } from "../../app/actions.ts";
import { modelLabel } from "./catalog.ts";
import { sessionTitle, shortAge } from "./session-title.ts";
import { initialSessions, reduceSessions, type Sessions } from "./sessions.ts";

const row = (key: string, updatedAt: number, more: Partial<SessionRow> = {}): SessionRow => ({
  key,
  kind: "direct",
  updatedAt,
  sessionId: `id-${key}`,
  ...more,
});
const loaded: AppAction = {
  type: "sessions-loaded",
  rows: [row("a", 1, { derivedTitle: "About a" }), row("b", 2)],
  hasMore: false,
};
const changed = (sessionKey: string, session?: SessionRow): AppAction => ({
  type: "session-changed",
  payload: { sessionKey, ts: 1, ...(session && { session }) },
});
const after = (...actions: AppAction[]): Sessions => actions.reduce(reduceSessions, initialSessions);
const keys = (state: Sessions): string[] => state.rows.map(({ key }) => key);

describe("the list", () => {
  test("is newest first and follows changes", () => {
    expect(keys(after(loaded))).toEqual(["b", "a"]);
    expect(keys(after(loaded, changed("a", row("a", 3))))).toEqual(["a", "b"]);
    expect(keys(after(loaded, changed("c", row("c", 4))))).toEqual(["c", "b", "a"]);
    expect(keys(after(loaded, changed("a")))).toEqual(["b"]);
  });

  test("keeps a title that an event leaves out, but not over a reset", () => {
    expect(after(loaded, changed("a", row("a", 3))).rows[0]?.derivedTitle).toBe("About a");
    expect(after(loaded, changed("a", row("a", 3, { sessionId: "other" }))).rows[0]?.derivedTitle).toBeUndefined();
  });

  test("knows which sessions answer", () => {
    const run = { runId: "r", sessionKey: "a", seq: 1 };
    const begun: AppAction = { type: "run-progressed", payload: { ...run, state: "status", phase: "x" } };
    const ended: AppAction = { type: "run-progressed", payload: { ...run, state: "final" } };
    expect(after(begun).running).toEqual({ a: ["r"] });
    expect(after(begun, ended).running).toEqual({});
    expect(after(begun, { type: "signed-out" }).running).toEqual({});
  });
});

test.each<[string, SessionRow | undefined, string]>([
  ["agent:main:main", undefined, "Main chat"],
  ["agent:main:main", row("agent:main:main", 1, { derivedTitle: "Plans" }), "Plans"],
  ["agent:main:x", row("agent:main:x", 1, { label: "Mine", derivedTitle: "Plans" }), "Mine"],
  ["agent:main:x", row("agent:main:x", 1, { label: "  " }), "x"],
  ["agent:main:chat-6fff9d6979339eeb78c533f19a31546b", undefined, "New chat"],
  ["agent:main:chat-11111111-2222-4333-8444-555555555555", undefined, "New chat"],
])("%s is called", (key, session, title) => {
  expect(sessionTitle(key, session, "agent:main:main")).toBe(title);
});

test.each([
  [0, "now"],
  [5 * 60_000, "5 min"],
  [3 * 3_600_000, "3 h"],
  [2 * 86_400_000, "2 d"],
])("%i ms ago is %s", (age, text) => {
  expect(shortAge(1_000_000_000_000 - age, 1_000_000_000_000)).toBe(text);
});

test("the model of a session is its own, else its agent's; a demo is marked", () => {
  const catalog = {
    defaultAgentId: "main",
    agents: [{ id: "main", model: { primary: "demo/offline" } }],
    models: [{ id: "offline", name: "Offline demo", provider: "demo", tags: ["demo"] }],
  };
  expect(modelLabel(catalog, "main", undefined)).toEqual({ name: "Offline demo", ref: "demo/offline", isDemo: true });
  expect(modelLabel(catalog, "main", { modelProvider: "x", model: "big/one" })).toEqual({
    name: "big/one",
    ref: "x/big/one",
    isDemo: false,
  });
  expect(modelLabel(catalog, "other", undefined)).toBeUndefined();
});
