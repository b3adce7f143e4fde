import { type Dialect, dialects } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import type { Principal } from "../rpc/principal.ts";
import { createLocalEventEngine } from "./engine.ts";
import { createEventPlane, type EncodedEvent, type EventReader } from "./plane.ts";

const dialect = (version: number): Dialect => dialects.find((one) => one.version === version)!;

function createReader(
  id: string,
  over: Partial<Pick<Principal, "role" | "scopes">> & {
    version?: number;
    sessions?: boolean;
    messagesOf?: string[];
  } = {},
) {
  const got: EncodedEvent[] = [];
  const reader: EventReader = {
    id,
    dialect: dialect(over.version ?? 4),
    principal: {
      id,
      role: over.role ?? "operator",
      scopes: over.scopes ?? ["operator.read"],
      displayName: id,
      credential: "shared",
      causedByAgent: false,
    },
    subscriptions: { sessions: over.sessions ?? false, messagesOf: new Set(over.messagesOf), streams: new Set() },
    deliver: (event) => void got.push(event),
  };
  const names = () => got.map(({ head }) => JSON.parse(`${Buffer.from(head).toString("utf8")}}`).event as string);
  return { reader, got, names };
}

const delta = {
  runId: "r",
  sessionKey: "agent:main:main",
  seq: 1,
  state: "delta",
  deltaText: "x",
  message: { role: "assistant", content: [], timestamp: 1 },
};
const status = { runId: "r", sessionKey: "agent:main:main", seq: 1, state: "status", phase: "starting_model" };

test("one encoding serves every reader of a dialect", () => {
  const plane = createEventPlane(createLocalEventEngine());
  const [a, b, old] = [createReader("a"), createReader("b"), createReader("c", { version: 3 })];
  for (const { reader } of [a, b, old]) plane.add(reader);
  plane.publish({ event: "chat", payload: delta, audience: { kind: "all" } });
  expect(a.got[0]).toBe(b.got[0]);
  expect(old.got).toHaveLength(1);
});

test("role and scope decide who may see an event", () => {
  const plane = createEventPlane(createLocalEventEngine());
  const readers = {
    reads: createReader("reads"),
    writes: createReader("writes", { scopes: ["operator.write"] }),
    pairs: createReader("pairs", { scopes: ["operator.pairing"] }),
    node: createReader("node", { role: "node", scopes: [] }),
  };
  for (const { reader } of Object.values(readers)) plane.add(reader);
  plane.publish({ event: "chat", payload: delta, audience: { kind: "all" } });
  plane.publish({ event: "tick", payload: { ts: 1 }, audience: { kind: "all" } });
  expect(Object.fromEntries(Object.entries(readers).map(([name, { names }]) => [name, names()]))).toEqual({
    reads: ["chat", "tick"],
    writes: ["chat", "tick"],
    pairs: ["tick"],
    node: ["tick"],
  });
});

test("protocol 3 has no chat status and no session events", () => {
  const plane = createEventPlane(createLocalEventEngine());
  const now = createReader("now", { sessions: true });
  const old = createReader("old", { version: 3, sessions: true });
  plane.add(now.reader);
  plane.add(old.reader);
  plane.publish({ event: "chat", payload: status, audience: { kind: "all" } });
  plane.publish({
    event: "sessions.changed",
    payload: { sessionKey: "k", ts: 1 },
    audience: { kind: "session-subscribers", sessionKey: "k", includeMessageSubscribers: false },
  });
  expect(now.names()).toEqual(["chat", "sessions.changed"]);
  expect(old.names()).toEqual([]);
});

test("session events reach those who asked, message events also those who asked for the session", () => {
  const plane = createEventPlane(createLocalEventEngine());
  const all = createReader("all", { sessions: true });
  const one = createReader("one", { messagesOf: ["k"] });
  const other = createReader("other", { messagesOf: ["z"] });
  for (const { reader } of [all, one, other]) plane.add(reader);
  plane.publish({
    event: "session.message",
    payload: { sessionKey: "k", message: {}, messageId: "1", messageSeq: 1 },
    audience: { kind: "session-subscribers", sessionKey: "k", includeMessageSubscribers: true },
  });
  plane.publish({
    event: "sessions.changed",
    payload: { sessionKey: "k", ts: 1 },
    audience: { kind: "session-subscribers", sessionKey: "k", includeMessageSubscribers: false },
  });
  expect([all.names(), one.names(), other.names()]).toEqual([
    ["session.message", "sessions.changed"],
    ["session.message"],
    [],
  ]);
});

test("a reader that left hears nothing, and events for chosen connections are not numbered", () => {
  const plane = createEventPlane(createLocalEventEngine());
  const [a, b] = [createReader("a"), createReader("b")];
  plane.add(a.reader);
  plane.add(b.reader);
  plane.remove(b.reader);
  plane.publish({
    event: "agent",
    payload: { runId: "r", seq: 1, stream: "tool", ts: 1, data: {} },
    audience: { kind: "connections", ids: new Set(["a", "b"]) },
  });
  expect(a.got.map(({ numbered }) => numbered)).toEqual([false]);
  expect(b.got).toEqual([]);
});
