import { expect, test } from "vitest";
import { actorText, detailLines } from "./audit-text.ts";

test.each([
  [{ type: "system" }, "the gateway"],
  [{ type: "unknown", address: "10.0.0.1" }, "somebody from 10.0.0.1"],
  [{ type: "device", id: "d", name: "Phone", address: "memory" }, "Phone from memory"],
  [{ type: "client", id: "shared:cli" }, "shared:cli"],
  [{ type: "agent", name: "CLI" }, "an agent for CLI"],
] as const)("%j is %s", (actor, words) => {
  expect(actorText(actor)).toBe(words);
});

test("details are lines", () => {
  expect(detailLines({ role: "operator", scopes: ["a", "b"], count: 2, more: { x: 1 } })).toEqual([
    ["role", "operator"],
    ["scopes", "a, b"],
    ["count", "2"],
    ["more", '{"x":1}'],
  ]);
  expect(detailLines(undefined)).toEqual([]);
});
