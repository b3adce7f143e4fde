import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type ExecAsk, type ExecRule, type ExecSecurity, mayRunUnanswered, resolvePolicy } from "./policy.ts";

const securities: readonly ExecSecurity[] = ["deny", "allowlist", "full"];
const asks: readonly ExecAsk[] = ["always", "on-miss", "off"];

describe("the policy of an agent", () => {
  test("nothing said anywhere asks about everything that is not listed", () => {
    const policy = resolvePolicy({ version: 1 }, "main", [{}, {}]);
    expect(policy).toEqual({ security: "allowlist", ask: "on-miss", askFallback: "deny", allowlist: [] });
    expect(decide(policy, "x is not listed")).toEqual({ do: "ask", because: "x is not listed" });
  });

  test("an agent's own values stand before those for all, and those before the defaults", () => {
    const file = {
      version: 1 as const,
      defaults: { security: "full" as const, ask: "off" as const },
      agents: {
        "*": { security: "allowlist" as const, allowlist: [{ pattern: "/bin/all" }] },
        main: { ask: "always" as const, allowlist: [{ pattern: "/bin/own" }] },
      },
    };
    expect(resolvePolicy(file, "main", [])).toMatchObject({
      security: "allowlist",
      ask: "always",
      allowlist: [{ pattern: "/bin/own" }, { pattern: "/bin/all" }],
    });
    expect(resolvePolicy(file, "other", [])).toMatchObject({ security: "allowlist", ask: "off" });
  });

  test("no place loosens another", () => {
    const rule: fc.Arbitrary<ExecRule> = fc.record(
      { security: fc.constantFrom(...securities), ask: fc.constantFrom(...asks) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1 }), rule, (rules, more) => {
        const [before, after] = [rules, [...rules, more]].map((all) => resolvePolicy({ version: 1 }, "a", all));
        const isSaid = (key: keyof ExecRule): boolean => rules.some((each) => each[key] !== undefined);
        return (
          (!isSaid("security") || securities.indexOf(after!.security) <= securities.indexOf(before!.security)) &&
          (!isSaid("ask") || asks.indexOf(after!.ask) <= asks.indexOf(before!.ask))
        );
      }),
    );
    expect(resolvePolicy({ version: 1 }, "a", [{ security: "full" }, { security: "deny" }]).security).toBe("deny");
  });
});

describe("what happens with a command", () => {
  test.each([
    ["deny", "off", true, "refuse"],
    ["deny", "always", true, "refuse"],
    ["allowlist", "off", true, "run"],
    ["allowlist", "off", false, "refuse"],
    ["allowlist", "on-miss", true, "run"],
    ["allowlist", "on-miss", false, "ask"],
    ["allowlist", "always", true, "ask"],
    ["full", "off", false, "run"],
    ["full", "on-miss", false, "run"],
    ["full", "always", true, "ask"],
  ] as const)("security %s, ask %s, listed %s: %s", (security, ask, isListed, what) => {
    expect(decide({ security, ask }, isListed ? undefined : "not listed").do).toBe(what);
  });

  test("nobody answering never runs what is not listed", () => {
    const base = resolvePolicy({ version: 1 }, "main", []);
    for (const askFallback of securities) {
      expect(mayRunUnanswered({ ...base, askFallback }, "not listed")).toBe(false);
      expect(mayRunUnanswered({ ...base, askFallback }, undefined)).toBe(askFallback !== "deny");
    }
  });
});
