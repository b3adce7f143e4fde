import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dialects } from "./codec.ts";
import { decodeRequest } from "./frames.ts";

describe("request frames", () => {
  test.each([
    [
      { type: "req", id: "1", method: "health" },
      { id: "1", method: "health", params: undefined },
    ],
    [
      { type: "req", id: "1", method: "health", params: null },
      { id: "1", method: "health", params: null },
    ],
    [
      { method: "m", params: [1], id: "x", type: "req" },
      { id: "x", method: "m", params: [1] },
    ],
  ])("%j", (frame, request) => {
    expect(decodeRequest(frame)).toEqual({ ok: true, ...request });
  });

  test.each([
    [null, "invalid", "must be object"],
    [[1], "invalid", "must be object"],
    ["req", "invalid", "must be object"],
    [
      {},
      "invalid",
      "must have required property 'type'; must have required property 'id'; must have required property 'method'",
    ],
    [{ type: "req", id: "", method: "m" }, "invalid", "at /id: must NOT have fewer than 1 characters"],
    [{ type: "req", id: 5, method: "m" }, 5, "at /id: must be string"],
    [{ type: "req", id: "1", method: 5 }, "1", "at /method: must be string"],
    [{ type: "req", id: null, method: "m" }, null, "at /id: must be string"],
    [{ type: "req", id: "1", method: "m", zzz: 1 }, "1", "at root: unexpected property 'zzz'"],
  ])("%j is refused under the id %j", (frame, id, reason) => {
    expect(decodeRequest(frame)).toEqual({ ok: false, id, reason });
  });

  test("only protocol 4 knows trace and profile members", () => {
    const frame = { type: "req", id: "1", method: "health", traceparent: "00-a-b-01", expectedProfileId: "p" };
    const [four, three] = dialects.map((dialect) => dialect.decodeRequest(frame));
    expect(four).toEqual({ ok: true, id: "1", method: "health", params: undefined });
    expect(three).toMatchObject({ ok: false, id: "1" });
  });

  test("the two forms of frames do not mix", () => {
    const [short, long] = ["req", "request"].map((type) => ({ type, id: "1", method: "health" }));
    const [four, , , other] = dialects;
    expect(other?.decodeRequest(long)).toEqual({ ok: true, id: "1", method: "health", params: undefined });
    expect(other?.decodeRequest(short)).toMatchObject({ ok: false, reason: "at /type: must be equal to constant" });
    expect(four?.decodeRequest(long)).toMatchObject({ ok: false, reason: "at /type: must be equal to constant" });
  });

  test("every JSON value is either a request or told why not", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const decoded = decodeRequest(value);
        const words = decoded.ok ? [decoded.id, decoded.method] : [decoded.reason];
        expect(words).not.toContain("");
      }),
    );
  });
});
