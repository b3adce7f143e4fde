import fc from "fast-check";
import { expect, test } from "vitest";
import type { SessionRow } from "@openclaw-gateway/protocol";
import { type SessionNode, treeOf } from "./session-tree.ts";

const row = (key: string, parent?: string): SessionRow => ({
  key,
  kind: "direct",
  updatedAt: 0,
  sessionId: key,
  ...(parent === undefined ? {} : { parentSessionKey: parent }),
});
type Shape = { [key: string]: Shape };
const shapeOf = (nodes: readonly SessionNode[]): Shape =>
  Object.fromEntries(nodes.map(({ session, children }) => [session.key, shapeOf(children)]));

test.each<[name: string, SessionRow[], Shape]>([
  ["nothing", [], {}],
  ["no parents", [row("a"), row("b")], { a: {}, b: {} }],
  [
    "children before and after",
    [row("c", "b"), row("b", "a"), row("a"), row("d", "a")],
    { a: { b: { c: {} }, d: {} } },
  ],
  ["a parent that is not listed", [row("b", "gone")], { b: {} }],
  ["its own parent", [row("a", "a")], { a: {} }],
  ["the older name", [row("a"), { ...row("b"), spawnedBy: "a" }], { a: { b: {} } }],
])("%s", (_name, rows, shape) => {
  expect(shapeOf(treeOf(rows))).toEqual(shape);
});

test("every session is somewhere, once, whatever the rows say", () => {
  const keys = ["a", "b", "c", "d", "e"];
  const rows = fc.uniqueArray(fc.tuple(fc.constantFrom(...keys), fc.option(fc.constantFrom(...keys, "x"))), {
    selector: ([key]) => key,
  });
  fc.assert(
    fc.property(rows, (pairs) => {
      const all = (nodes: readonly SessionNode[]): string[] =>
        nodes.flatMap(({ session, children }) => [session.key, ...all(children)]);
      const listed = pairs.map(([key, parent]) => row(key, parent ?? undefined));
      expect(all(treeOf(listed)).toSorted()).toEqual(pairs.map(([key]) => key).toSorted());
    }),
  );
});
