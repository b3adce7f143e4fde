import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { connectMethods, events, findEvent, findMethod, insideMethods, methodGroups, methods } from "./catalog.ts";
import type { Accepted, MethodName, Params, Payload, Result } from "./catalog.ts";
import type { EventSpec, MethodSpec } from "./define.ts";
import { closeCodes, errorCodes } from "./errors.ts";
import { hasScope, isScope, roles, scopes } from "./scopes.ts";
import { dialects, insideDialect } from "./wire/codec.ts";

const specs = Object.entries<MethodSpec>(methods);
const eventSpecs = Object.entries<EventSpec>(events);
const namesOf = (version: 3 | 4): string[] =>
  specs
    .filter(([, { since, until }]) => since <= version && version <= (until ?? version))
    .map(([name]) => name)
    .toSorted();

describe("the catalogue", () => {
  test("no group hides a method of another", () => {
    const sizes = Object.values(methodGroups).map((group) => Object.keys(group).length);
    expect(Object.keys(methods)).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
  });

  test.each([...specs, ...Object.entries<MethodSpec>(connectMethods), ...Object.entries<MethodSpec>(insideMethods)])(
    "%s names who may call it and what it does",
    (_, spec) => {
      expect(roles).toContain(spec.role);
      expect(spec.role === "operator" ? isScope(spec.scope ?? "") : spec.scope === undefined).toBe(true);
      expect(spec.description).toMatch(/^[A-Z`].*\.$/s);
      expect(spec.until ?? spec.since).toBeGreaterThanOrEqual(spec.since);
    },
  );

  test.each(eventSpecs)("%s names who may see it and what it means", (_, spec) => {
    expect(spec.scope !== undefined || (spec.roles ?? []).length > 0).toBe(true);
    expect(spec.description).toMatch(/^[A-Z`].*\.$/s);
  });

  test.each([...specs.map(([name]) => name), ...eventSpecs.map(([name]) => name)])("%s is a wire name", (name) => {
    expect(name).toMatch(/^[a-z][a-zA-Z]*(?:[._-][a-zA-Z]+)*$/);
  });

  test.each(specs.filter(([, { aliases }]) => aliases))(
    "aliases of %s lead to parameters that exist",
    (_, { aliases, params }) => {
      const known = params instanceof z.ZodObject ? Object.keys(params.shape) : [];
      for (const [old, alias] of Object.entries(aliases ?? {})) {
        expect(known).toContain(typeof alias === "string" ? alias : alias.itemOf);
        expect(known).not.toContain(old);
      }
    },
  );

  test("what no socket has is in no dialect", () => {
    for (const name of Object.keys(insideMethods)) {
      expect(dialects.filter(({ methods: known }) => known.has(name))).toEqual([]);
      expect(findMethod(name)).toBeUndefined();
      expect(insideDialect.methods.has(name)).toBe(true);
    }
  });

  test("names of Object.prototype are unknown", () => {
    for (const name of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
      expect(findMethod(name)).toBeUndefined();
      expect(findEvent(name)).toBeUndefined();
    }
    expect(findMethod("chat.send")).toBe(methods["chat.send"]);
    expect(findEvent("chat")).toBe(events.chat);
  });
});

describe("pins: changing one is a decision about the wire", () => {
  test("methods of protocol 3", () => {
    expect(namesOf(3)).toEqual([
      "agent",
      "agent.identity.get",
      "agent.serve",
      "agent.turn.report",
      "agent.wait",
      "agents.create",
      "agents.delete",
      "agents.files.get",
      "agents.files.list",
      "agents.files.set",
      "agents.list",
      "agents.update",
      "chat.abort",
      "chat.history",
      "chat.inject",
      "chat.send",
      "config.apply",
      "config.get",
      "config.patch",
      "config.set",
      "device.pair.approve",
      "device.pair.list",
      "device.pair.reject",
      "device.token.revoke",
      "device.token.rotate",
      "exec.approval.request",
      "exec.approval.resolve",
      "exec.approvals.get",
      "exec.approvals.list",
      "exec.approvals.node.get",
      "exec.approvals.node.set",
      "exec.approvals.overrides",
      "exec.approvals.overrides.set",
      "exec.approvals.resolve",
      "exec.approvals.set",
      "health",
      "last-heartbeat",
      "logs.tail",
      "models.list",
      "node.pair.approve",
      "node.pair.list",
      "node.pair.reject",
      "node.pair.request",
      "node.pair.verify",
      "node.rename",
      "ping",
      "send",
      "sessions.compact",
      "sessions.delete",
      "sessions.list",
      "sessions.patch",
      "sessions.preview",
      "sessions.reset",
      "sessions.resolve",
      "sessions.spawn",
      "sessions.usage",
      "sessions.usage.logs",
      "sessions.usage.timeseries",
      "sessions_history",
      "sessions_kill",
      "sessions_list",
      "sessions_send",
      "sessions_spawn",
      "status",
      "subscribe",
      "system-presence",
      "unsubscribe",
      "usage.cost",
      "usage.status",
    ]);
  });

  test("what protocol 4 has beside them", () => {
    expect(namesOf(4).filter((name) => !namesOf(3).includes(name))).toEqual([
      "approval.history",
      "audit.list",
      "chat.message.get",
      "chat.metadata",
      "chat.output.get",
      "chat.startup",
      "commands.list",
      "device.pair.remove",
      "device.pair.rename",
      "device.pair.setupCode",
      "diagnostics.stability",
      "events.resume",
      "exec.approval.get",
      "exec.approval.grants.list",
      "exec.approval.list",
      "exec.approval.waitDecision",
      "models.authStatus",
      "node.pair.remove",
      "openclaw.approval.list",
      "plugin.approval.list",
      "progressCard.get",
      "question.list",
      "secrets.reload",
      "sessions.abort",
      "sessions.branches.list",
      "sessions.companion.state",
      "sessions.create",
      "sessions.describe",
      "sessions.get",
      "sessions.groups.defaults",
      "sessions.groups.list",
      "sessions.messages.subscribe",
      "sessions.messages.unsubscribe",
      "sessions.observer.visibility",
      "sessions.search",
      "sessions.send",
      "sessions.subscribe",
      "sessions.unsubscribe",
      "streams.subscribe",
      "streams.unsubscribe",
      "system.info",
      "talk.catalog",
      "taskSuggestions.list",
      "tasks.list",
      "update.status",
      "users.prefs.get",
      "users.prefs.set",
    ]);
    expect(namesOf(3).filter((name) => !namesOf(4).includes(name))).toEqual(["node.pair.request", "node.pair.verify"]);
  });

  test("methods that are not advertised", () => {
    const hidden = specs.filter(([, spec]) => spec.hidden).map(([name]) => name);
    expect(hidden.toSorted()).toEqual([
      "chat.inject",
      "device.pair.setupCode",
      "exec.approvals.list",
      "exec.approvals.overrides",
      "exec.approvals.overrides.set",
      "exec.approvals.resolve",
      "ping",
      "sessions.get",
      "sessions.resolve",
      "sessions.usage",
      "sessions.usage.logs",
      "sessions.usage.timeseries",
      "sessions_history",
      "sessions_kill",
      "sessions_list",
      "sessions_send",
      "sessions_spawn",
      "subscribe",
      "unsubscribe",
    ]);
  });

  test("events", () => {
    expect(eventSpecs.map(([name, { since }]) => `${name} ${since}`).toSorted()).toEqual([
      "agent 3",
      "agent.serve.ended 3",
      "agent.turn.aborted 3",
      "agent.turn.requested 3",
      "chat 1",
      "config.changed 4",
      "connect.challenge 1",
      "device.pair.requested 3",
      "device.pair.resolved 3",
      "exec.approval.requested 3",
      "exec.approval.resolved 3",
      "health 3",
      "node.pair.requested 3",
      "node.pair.resolved 3",
      "presence 1",
      "session.message 4",
      "session.tool 4",
      "sessions.changed 4",
      "shutdown 1",
      "tick 1",
    ]);
  });

  test("scopes, error codes and close codes", () => {
    expect(scopes).toEqual([
      "operator.admin",
      "operator.read",
      "operator.write",
      "operator.approvals",
      "operator.pairing",
      "operator.questions",
      "operator.talk",
      "operator.talk.secrets",
    ]);
    expect(errorCodes).toEqual([
      "INVALID_REQUEST",
      "UNAVAILABLE",
      "NOT_PAIRED",
      "FORBIDDEN",
      "APPROVAL_NOT_FOUND",
      "NOT_LINKED",
      "AGENT_TIMEOUT",
    ]);
    expect(closeCodes).toEqual({
      normal: 1000,
      goingAway: 1001,
      protocolMismatch: 1002,
      policy: 1008,
      tooBig: 1009,
      restart: 1012,
      tryAgainLater: 1013,
    });
  });

  test("T-D3: what an agent's own call may use although its scope protects the gateway", () => {
    expect(specs.flatMap(([name, spec]) => (spec.forAgents ? [name] : [])).toSorted()).toEqual([
      "exec.approval.request",
    ]);
  });

  test("the scope of every method", () => {
    const names = (scope: string): string[] =>
      specs
        .filter(([, spec]) => spec.scope === scope)
        .map(([name]) => name)
        .toSorted();
    expect(new Set(specs.map(([, { scope }]) => scope))).toEqual(
      new Set([
        undefined,
        "operator.admin",
        "operator.approvals",
        "operator.pairing",
        "operator.questions",
        "operator.read",
        "operator.write",
      ]),
    );
    expect(names("operator.write")).toEqual([
      "agent",
      "agent.wait",
      "chat.abort",
      "chat.send",
      "send",
      "sessions.abort",
      "sessions.create",
      "sessions.send",
      "sessions.spawn",
      "sessions_kill",
      "sessions_send",
      "sessions_spawn",
      "users.prefs.set",
    ]);
    expect(names("operator.admin")).toEqual([
      "agents.create",
      "agents.delete",
      "agents.files.get",
      "agents.files.list",
      "agents.files.set",
      "agents.update",
      "audit.list",
      "chat.inject",
      "config.apply",
      "config.patch",
      "config.set",
      "device.pair.setupCode",
      "exec.approvals.get",
      "exec.approvals.node.get",
      "exec.approvals.node.set",
      "exec.approvals.overrides",
      "exec.approvals.overrides.set",
      "exec.approvals.set",
      "secrets.reload",
      "sessions.compact",
      "sessions.delete",
      "sessions.patch",
      "sessions.reset",
      "update.status",
    ]);
  });
});

describe("scopes", () => {
  test("admin satisfies everything, write also reads and talks, the rest only themselves", () => {
    const satisfied = (granted: string): string[] => scopes.filter((needed) => hasScope([granted], needed));
    expect(satisfied("operator.admin")).toEqual(scopes);
    expect(satisfied("operator.write")).toEqual(["operator.read", "operator.write", "operator.talk"]);
    for (const scope of scopes.filter((name) => !["operator.admin", "operator.write"].includes(name))) {
      expect(satisfied(scope)).toEqual([scope]);
    }
    expect(satisfied("operator.everything")).toEqual([]);
    expect(satisfied("toString")).toEqual([]);
  });

  test("several grants add up; none grant nothing", () => {
    expect(hasScope(["operator.pairing", "operator.approvals"], "operator.approvals")).toBe(true);
    expect(hasScope([], "operator.read")).toBe(false);
  });
});

test("types follow the catalogue", () => {
  expectTypeOf<Params<"chat.abort">>().toEqualTypeOf<{ sessionKey: string; runId?: string | undefined }>();
  expectTypeOf<Result<"chat.abort">>().toEqualTypeOf<{ ok: true; aborted: boolean; runIds: string[] }>();
  expectTypeOf<Accepted<"agent">["status"]>().toEqualTypeOf<"accepted">();
  expectTypeOf<Accepted<"health">>().toBeNever();
  expectTypeOf<Payload<"tick">>().toEqualTypeOf<{ ts: number }>();
  expectTypeOf<"chat.send">().toExtend<MethodName>();
  expectTypeOf<"chat.sent">().not.toExtend<MethodName>();
});
