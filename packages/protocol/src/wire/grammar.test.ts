import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { connectMethods, findMethod } from "../catalog.ts";
import type { MethodSpec } from "../define.ts";
import { type Dialect, dialectOfConnect, dialects } from "./codec.ts";
import { describeIssues } from "./grammar.ts";

/** What gateways of both protocols answered to malformed input, with where it was recorded. */
type Refusal = { protocol: 3 | 4; transcript: string; line: number; message: string } & (
  | { method: string; params?: unknown; frame?: never }
  | { frame: unknown; answerId: unknown; method?: never }
);
const refusals = JSON.parse(readFileSync(new URL("recorded-refusals.json", import.meta.url), "utf8")) as Refusal[];
const titled = (rows: readonly Refusal[]): [string, Refusal][] =>
  rows.map((row) => [`${row.transcript}:${row.line} ${row.message.slice(0, 100)}`, row]);

const dialectOf = (version: 3 | 4): Dialect => dialects.find((dialect) => dialect.version === version)!;

/** Unknown fields of `connect`, and unknown parameters in protocol 4, are dropped on purpose; so is the need for a workspace, as in protocol 4. */
const isDropped = ({ method, protocol, message }: Refusal): boolean =>
  (message.includes("unexpected property") && (method === "connect" || protocol === 4)) ||
  (method === "agents.create" && message.includes("required property 'workspace'"));

function specOf(name: string): MethodSpec | undefined {
  return name === "connect" ? connectMethods.connect : findMethod(name);
}

describe("malformed parameters are refused in the recorded words", () => {
  const known = refusals.filter((row) => row.method !== undefined && specOf(row.method));

  test("the recordings cover most methods", () => {
    expect(new Set(known.map(({ method }) => method)).size).toBeGreaterThan(12);
  });

  test.each(titled(known.filter((row) => !isDropped(row))))("%s", (_, { protocol, method = "", message, ...row }) => {
    const given = "params" in row ? row.params : undefined;
    // `connect` needs its parameters; every other method takes none as an empty object.
    const params = method === "connect" ? given : (given ?? {});
    const { error } = specOf(method)!.params.safeParse(params, { reportInput: true });
    const dialect = method === "connect" ? dialectOfConnect(params) : dialectOf(protocol);
    expect(`invalid ${method} params: ${describeIssues(error?.issues ?? [], dialect.enumWords)}`).toBe(message);
  });

  test.each(titled(known.filter((row) => row.method === "connect" && isDropped(row))))(
    "accepted although %s",
    (_, row) => {
      expect(connectMethods.connect.params.safeParse("params" in row ? row.params : undefined).success).toBe(true);
    },
  );
});

describe("malformed frames are refused in the recorded words", () => {
  test.each(titled(refusals.filter((row) => "frame" in row)))("%s", (_, row) => {
    const decoded = dialectOf(row.protocol).decodeRequest(row.frame);
    expect(decoded).toEqual({
      ok: false,
      id: "answerId" in row ? row.answerId : undefined,
      reason: row.message.replace("invalid request frame: ", ""),
    });
  });
});

describe("order and wording", () => {
  const schema = z.strictObject({
    name: z.string().min(1),
    size: z.int().min(2).max(4),
    tags: z.array(z.string()).min(1).max(2),
    mode: z.enum(["a", "b"]).optional(),
    inner: z.strictObject({ on: z.boolean() }).optional(),
    env: z.record(z.string(), z.string()).optional(),
  });
  const say = (value: unknown, words?: "any-of" | "allowed-values"): string =>
    describeIssues(schema.safeParse(value, { reportInput: true }).error?.issues ?? [], words);
  const valid = { name: "n", size: 2, tags: ["t"] };

  test.each([
    [{}, "must have required property 'name'; must have required property 'size'; must have required property 'tags'"],
    [null, "must be object"],
    [
      { size: 9, extra: 1, more: 2 },
      "must have required property 'name'; must have required property 'tags'; at root: unexpected property 'extra'; " +
        "at root: unexpected property 'more'; at /size: must be <= 4",
    ],
    [{ ...valid, size: 1.5 }, "at /size: must be integer"],
    [{ ...valid, tags: ["a", "b", "c"] }, "at /tags: must NOT have more than 2 items"],
    [{ ...valid, tags: [1] }, "at /tags/0: must be string"],
    [{ ...valid, inner: {} }, "at /inner: must have required property 'on'"],
    [{ ...valid, inner: { on: true, off: 1 } }, "at /inner: unexpected property 'off'"],
    [{ ...valid, env: 1 }, "at /env: must be object"],
    [{ ...valid, mode: "c" }, "at /mode: must be equal to one of the allowed values"],
  ])("%j", (value, words) => {
    expect(say(value)).toBe(words);
  });

  test("an enumeration in the words of protocol 3", () => {
    expect(say({ ...valid, mode: "c" }, "any-of")).toBe(
      "at /mode: must be equal to constant; at /mode: must match a schema in anyOf",
    );
  });

  test("nothing wrong, nothing said", () => {
    expect(say(valid)).toBe("");
  });
});
