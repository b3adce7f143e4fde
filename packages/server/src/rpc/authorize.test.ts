import { methods, type MethodSpec, protectingScopes, scopes } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import { authorize } from "./authorize.ts";
import type { Principal } from "./principal.ts";

const caller = (over: Partial<Principal> = {}): Principal => ({
  id: "somebody",
  role: "operator",
  scopes,
  displayName: "Somebody",
  causedByAgent: false,
  ...over,
});
const specs: readonly [string, MethodSpec][] = Object.entries(methods);

describe("T-D3: a call that an agent caused", () => {
  test.each(specs.map(([name, spec]) => [name, spec] as const))("T-D3: %s", (name, spec) => {
    if (spec.role !== "operator") return;
    expect(authorize(caller(), name, spec)).toBeUndefined();
    const refusal = authorize(caller({ causedByAgent: true }), name, spec);
    const isProtected = spec.scope !== undefined && protectingScopes.has(spec.scope) && !spec.forAgents;
    expect(refusal?.code).toBe(isProtected ? "FORBIDDEN" : undefined);
  });

  test("T-D3: settings of approvals, sandbox, auth, allow-lists, plugins and agents are out of its reach, whatever its scopes", () => {
    const named =
      /^(exec\.approvals\.|exec\.approval\.resolve|config\.|device\.|node\.pair|plugins\.|agents\.(create|update|delete)|sessions\.patch|wizard\.|secrets\.)/;
    const settings = specs.filter(([name, { role }]) => named.test(name) && role === "operator");
    expect(settings.length).toBeGreaterThan(8);
    for (const [name, spec] of settings) {
      if (name === "config.get" || name === "config.schema") continue;
      expect(authorize(caller({ causedByAgent: true }), name, spec)?.code, name).toBe("FORBIDDEN");
    }
  });

  test("T-D3: a method that nobody classified is refused too", () => {
    expect(authorize(caller({ causedByAgent: true }), "no.such", undefined)?.code).toBe("FORBIDDEN");
  });
});
