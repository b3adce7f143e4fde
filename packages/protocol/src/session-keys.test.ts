import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalSessionKey,
  derivedSessionKeys,
  mainSessionKey,
  parseSessionKey,
  type SessionKeyDefaults,
  sessionKindOf,
} from "./session-keys.ts";

const defaults: SessionKeyDefaults = { defaultAgentId: "main", mainKey: "main" };

describe("canonical form", () => {
  test.each([
    ["x", "agent:main:x"],
    ["main", "agent:main:main"],
    ["MAIN", "agent:main:main"],
    ["agent:Work:Mixed Case", "agent:work:mixed case"],
    ["subagent:abc", "agent:main:subagent:abc"],
    ["cron:job1", "agent:main:cron:job1"],
    ["two words", "agent:main:two words"],
    ["  padded ", "agent:main:padded"],
    ["global", "global"],
    ["Unknown", "unknown"],
    ["agent:ghost:main", "agent:ghost:main"],
    ["agent::x", "agent::x"],
    ["agent:work", "agent:work"],
    ["acp-bridge:0B5E", "agent:main:acp-bridge:0b5e"],
  ])("%j is %j", (key, canonical) => {
    expect(canonicalSessionKey(key, defaults)).toBe(canonical);
  });

  test("a configured main key and default agent take the place of `main`", () => {
    const work: SessionKeyDefaults = { defaultAgentId: "Work", mainKey: "Desk" };
    for (const key of ["main", "desk", "DESK"]) expect(canonicalSessionKey(key, work)).toBe("agent:work:desk");
    expect(canonicalSessionKey("x", work)).toBe("agent:work:x");
  });

  const agentId = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,15}$/);
  const anyDefaults = fc.record({ defaultAgentId: agentId, mainKey: agentId });
  const anyKey = fc.oneof(
    fc.string({ minLength: 1, unit: "grapheme" }),
    fc
      .tuple(fc.constantFrom("agent:", "AGENT:", " agent:", "cron:", "main", "global"), fc.string())
      .map((parts) => parts.join("")),
  );

  test("is its own canonical form", () => {
    fc.assert(
      fc.property(anyKey, anyDefaults, (key, given) => {
        const once = canonicalSessionKey(key, given);
        expect(canonicalSessionKey(once, given)).toBe(once);
      }),
    );
  });

  test("does not depend on letter case or surrounding space", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9:. -]{1,40}$/), anyDefaults, (key, given) => {
        expect(canonicalSessionKey(` ${key.toUpperCase()} `, given)).toBe(
          canonicalSessionKey(key.toLowerCase(), given),
        );
      }),
    );
  });

  test("a bare key lands under the default agent and can be taken apart again", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9:_ -]{0,30}[a-z0-9]$/), anyDefaults, (key, given) => {
        fc.pre(!key.startsWith("agent:") && !["global", "unknown", "main", given.mainKey.toLowerCase()].includes(key));
        const canonical = canonicalSessionKey(key, given);
        expect(parseSessionKey(canonical)).toEqual({ agentId: given.defaultAgentId.toLowerCase(), rest: key });
      }),
    );
  });
});

describe("parts", () => {
  test.each([
    ["agent:main:main", { agentId: "main", rest: "main" }],
    ["agent:work:telegram:group:-100", { agentId: "work", rest: "telegram:group:-100" }],
    ["agent:main:a\nb", { agentId: "main", rest: "a\nb" }],
    ["agent::x", undefined],
    ["agent:work", undefined],
    ["agent:work:", undefined],
    ["global", undefined],
  ])("of %j", (key, parts) => {
    expect(parseSessionKey(key)).toEqual(parts);
  });

  test.each([
    ["agent:main:main", "direct"],
    ["agent:main:telegram:dm:5", "direct"],
    ["agent:main:telegram:group:-100", "group"],
    ["agent:main:slack:channel:c1:thread:9", "group"],
    ["agent:group:main", "direct"],
    ["global", "global"],
    ["unknown", "unknown"],
  ])("%s is %s", (key, kind) => {
    expect(sessionKindOf(key)).toBe(kind);
  });
});

test("keys that other backends derive", () => {
  expect(mainSessionKey("Work", "Main")).toBe("agent:work:main");
  expect(derivedSessionKeys.boardLead("B1")).toBe("agent:lead-b1:main");
  expect(derivedSessionKeys.boardAgent("A1")).toBe("agent:mc-a1:main");
  expect(derivedSessionKeys.gatewayMain("G1")).toBe("agent:mc-gateway-g1:main");
  expect(derivedSessionKeys.subagent("main", "S1")).toBe("agent:main:subagent:s1");
  expect(derivedSessionKeys.cron("main", "J1")).toBe("agent:main:cron:j1");
  expect(derivedSessionKeys.hook("main", "H1")).toBe("agent:main:hook:h1");
});
