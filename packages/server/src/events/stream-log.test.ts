import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { createStreamLog, type StreamEvent, type StreamLogLimits } from "./stream-log.ts";

const sessionKey = "agent:main:main";

function createLog(limits: Partial<StreamLogLimits> = {}, followed = new Set<string>()) {
  const clock = createManualClock();
  const log = createStreamLog({ clock, isFollowed: (key) => followed.has(key), limits });
  return { clock, log };
}

/** A `chat` delta as a turn tells it. */
function grown(text: string, piece: string, { key = "chat:r", runId = "r", replaces = false } = {}): StreamEvent {
  const tell = (pieces: string, isReplaced: boolean) => ({ text, pieces, isReplaced });
  return {
    event: "chat",
    payload: tell(piece, replaces),
    stream: { sessionKey, runId },
    growth: { key, piece, replaces, wholeChars: text.length, tell },
  };
}
const plain = (name: string, runId?: string, payload: unknown = { name }): StreamEvent => ({
  event: name,
  payload,
  stream: { sessionKey, ...(runId !== undefined && { runId }) },
});

describe("a stream", () => {
  test("counts from 1; what came after a position is told again, text at once", () => {
    const { log } = createLog();
    const start = log.head({ sessionKey });
    expect(start.offset).toBe(0);
    const places = [plain("start", "r"), grown("a", "a"), grown("ab", "b"), plain("tool", "r"), grown("abc", "c")].map(
      (event) => log.append(event),
    );
    expect(places.map(({ offset, runOffset }) => [offset, runOffset])).toEqual([1, 2, 3, 4, 5].map((n) => [n, n]));
    expect(log.since({ sessionKey }, start)).toEqual([
      { event: "start", payload: { name: "start" }, position: places[0] },
      {
        event: "chat",
        payload: { text: "ab", pieces: "ab", isReplaced: false },
        position: { ...places[2], coalesced: true },
      },
      { event: "tool", payload: { name: "tool" }, position: places[3] },
      { event: "chat", payload: { text: "abc", pieces: "c", isReplaced: false }, position: places[4] },
    ]);
    expect(log.since({ sessionKey }, { ...start, offset: 2 })?.map(({ payload }) => payload)).toMatchObject([
      { pieces: "b" },
      { name: "tool" },
      { pieces: "c" },
    ]);
    expect(log.since({ sessionKey }, { ...start, offset: 5 })).toEqual([]);
  });

  test("text that was voided is not told", () => {
    const { log } = createLog();
    const start = log.head({ sessionKey });
    log.append(grown("lost", "lost"));
    log.append(grown("new", "new", { replaces: true }));
    log.append(grown("newer", "er"));
    expect(log.since({ sessionKey }, start)).toMatchObject([{ payload: { pieces: "newer", isReplaced: true } }]);
  });

  test("of a run has its own numbers beside those of its session", () => {
    const { log } = createLog();
    log.append(plain("first", "one"));
    log.append(plain("other", "two"));
    log.append(plain("second", "one"));
    const { epoch } = log.head({ sessionKey });
    expect(log.head({ sessionKey, runId: "one" })).toEqual({ epoch, offset: 2 });
    const names = (offset: number) =>
      log.since({ sessionKey, runId: "one" }, { epoch, offset })?.map(({ event }) => event);
    expect([names(0), names(1), names(2), names(3)]).toEqual([["first", "second"], ["second"], [], undefined]);
  });
});

describe("bounds", () => {
  test("what is too old or too much is gone, and a reader from before it is told so", () => {
    const { log, clock } = createLog({ maxBytes: 1_000, maxAgeMs: 10_000 });
    const start = log.head({ sessionKey });
    for (let n = 0; n < 10; n++) log.append(plain(`e${n}`, "r"));
    expect(log.since({ sessionKey }, start)).toBeUndefined();
    expect(log.since({ sessionKey, runId: "r" }, start)).toBeUndefined();
    expect(log.since({ sessionKey }, { ...start, offset: 8 })).toHaveLength(2);
    expect(log.since({ sessionKey, runId: "r" }, { ...start, offset: 8 })).toHaveLength(2);
    expect(log.size.bytes).toBeLessThanOrEqual(1_000);
    clock.advance(10_001);
    expect(log.since({ sessionKey }, { ...start, offset: 8 })).toBeUndefined();
  });

  test("a quiet session costs nothing; one that is followed keeps its epoch", () => {
    const followed = new Set<string>();
    const { log, clock } = createLog({ maxAgeMs: 10_000 }, followed);
    const { epoch } = log.append(plain("a"));
    followed.add(sessionKey);
    clock.advance(60_000);
    expect(log.append(plain("b"))).toMatchObject({ epoch, offset: 2 });
    followed.clear();
    clock.advance(60_000);
    expect(log.size).toEqual({ sessions: 0, bytes: 0 });
    expect(log.append(plain("c")).epoch).not.toBe(epoch);
    expect(log.since({ sessionKey }, { epoch, offset: 2 })).toBeUndefined();
  });

  test("all sessions together stay within their bound, the one that was quiet longest pays", () => {
    const { log } = createLog({ maxTotalBytes: 5_000 });
    for (let n = 0; n < 100; n++)
      log.append({ event: "e", payload: { n }, stream: { sessionKey: `agent:main:s${n % 10}` } });
    expect(log.size.bytes).toBeLessThanOrEqual(5_000);
    const { epoch } = log.head({ sessionKey: "agent:main:s9" });
    expect(log.since({ sessionKey: "agent:main:s9" }, { epoch, offset: 9 })).toHaveLength(1);
  });
});

test("whoever reads in pieces, cut anywhere, hears the same text as one who was never away", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 5 }).map((piece) => ({ piece })) },
    { weight: 1, arbitrary: fc.constant("other" as const) },
    { weight: 1, arbitrary: fc.string({ maxLength: 5 }).map((again) => ({ again })) },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 60 }), (steps) => {
      const { log } = createLog();
      let text = "";
      let heard = "";
      let others = 0;
      let place = log.head({ sessionKey });
      const listen = (): void => {
        for (const { event, payload, position } of log.since({ sessionKey }, place)!) {
          expect(position.offset).toBeGreaterThan(place.offset);
          place = position;
          if (event === "other") {
            others++;
            continue;
          }
          const {
            text: whole,
            pieces,
            isReplaced,
          } = payload as {
            text: string;
            pieces: string;
            isReplaced: boolean;
          };
          heard = isReplaced ? pieces : heard + pieces;
          expect(heard).toBe(whole);
        }
        expect(place.offset).toBe(log.head({ sessionKey }).offset);
      };
      for (const [what, isBack] of steps) {
        if (what === "other") log.append(plain("other"));
        else if ("piece" in what) log.append(grown((text += what.piece), what.piece));
        else log.append(grown((text = what.again), what.again, { replaces: true }));
        if (isBack) listen();
      }
      listen();
      expect(heard).toBe(text);
      expect(others).toBe(steps.filter(([what]) => what === "other").length);
    }),
    { numRuns: casesOf(2000) },
  );
});
