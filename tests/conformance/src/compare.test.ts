import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";

const kinds = (recorded: unknown, actual: unknown): string[] =>
  compare(recorded, actual).map(({ kind, path }) => `${kind} ${path}`);

describe("what a client may rely on stays", () => {
  test.each([
    [{ a: 1 }, { a: 2, b: 3 }],
    [{ sessionId: "x" }, { sessionId: "y" }],
    [{ features: "<as in handshake-ok>" }, { features: { methods: [] } }],
    [{ health: "<health snapshot>" }, {}],
    [{ label: "<STATE_DIR>/a" }, { label: "/elsewhere/a" }],
    [{ sessions: [{ key: "a" }] }, { sessions: [{ key: "b", kind: "direct" }, { key: "c" }] }],
    [{ methods: ["a", "b"] }, { methods: ["b", "c", "a"] }],
    [null, null],
  ])("%j is found in %j", (recorded, actual) => {
    expect(kinds(recorded, actual)).toEqual([]);
  });

  test.each([
    [{ a: 1 }, {}, "missing-field a"],
    [{ a: 1 }, { a: "1" }, "type a"],
    [{ a: null }, { a: 1 }, "type a"],
    [{ status: "ok" }, { status: "error" }, "value status"],
    [{ deep: { aborted: true } }, { deep: { aborted: false } }, "value deep.aborted"],
    [{ messages: [{}, {}] }, { messages: [{}] }, "length messages"],
    [{ sessions: [{ key: "a" }] }, { sessions: [] }, "length sessions"],
    [
      { sessions: [{ key: "a", kind: "direct" }] },
      { sessions: [{ key: "a" }, { key: "b" }] },
      "missing-field sessions[].kind",
    ],
    [{ methods: ["a", "b"] }, { methods: ["a"] }, "value methods[]"],
    [[1], { 0: 1 }, "type "],
  ])("%j is not found in %j", (recorded, actual, difference) => {
    expect(kinds(recorded, actual)).toEqual([difference]);
  });
});
