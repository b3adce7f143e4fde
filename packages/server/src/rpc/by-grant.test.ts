import { dialects } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { createByGrant } from "./by-grant.ts";
import type { Principal } from "./principal.ts";

const principal = (id: string, role: Principal["role"], ...scopes: string[]): Principal => ({
  id,
  role,
  scopes,
  displayName: id,
  credential: "shared",
  causedByAgent: false,
});
const [newest, older] = [dialects[0]!, dialects[1]!];

test("those with the same dialect, role and scopes share an answer, nobody else", () => {
  const answerFor = createByGrant((dialect, { role, scopes }) => ({ version: dialect.version, role, scopes }));
  const first = answerFor(newest, principal("a", "operator", "operator.read"));
  expect(answerFor(newest, principal("b", "operator", "operator.read"))).toBe(first);
  const others = [
    answerFor(older, principal("a", "operator", "operator.read")),
    answerFor(newest, principal("a", "node", "operator.read")),
    answerFor(newest, principal("a", "operator", "operator.read", "operator.write")),
    answerFor(newest, principal("a", "operator", "operator.read,operator.write")),
  ];
  expect(new Set([first, ...others]).size).toBe(5);
  expect(others[2]).toEqual({ version: newest.version, role: "operator", scopes: ["operator.read", "operator.write"] });
});

test("any number of grants stays right", () => {
  const answerFor = createByGrant((_dialect, { scopes }) => scopes[0]);
  for (const index of [...Array(200).keys(), ...Array(200).keys()]) {
    expect(answerFor(newest, principal("a", "operator", `scope-${index}`))).toBe(`scope-${index}`);
  }
});
