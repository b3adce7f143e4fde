import { createManualClock } from "../testing/manual-clock.ts";
import { describe, expect, test } from "vitest";
import { createFlow } from "./flow.ts";

function setUp() {
  const clock = createManualClock();
  const log: string[] = [];
  const waiting: { bytes: number; sent: () => void }[] = [];
  const flow = createFlow(
    { pause: () => void log.push("pause"), resume: () => void log.push("resume") },
    {
      send: (data, _isBinary, sent) => void waiting.push({ bytes: data.byteLength, sent }),
      get bufferedBytes() {
        return waiting.reduce((sum, { bytes }) => sum + bytes, 0);
      },
    },
    { clock, maxBufferedBytes: 100, slowReaderTimeoutMs: 1_000, onSlow: () => void log.push("slow") },
  );
  return {
    clock,
    log,
    flow,
    push: (bytes: number) => flow.push(Buffer.alloc(bytes), false),
    /** The reader takes the oldest message. */
    read: () => waiting.shift()?.sent(),
  };
}

describe("one direction", () => {
  test("a writer is not read above the limit, and again below its half", () => {
    const { log, flow, push, read } = setUp();
    push(60);
    push(40);
    expect(log).toEqual([]);
    push(1);
    // What was read already still comes.
    push(30);
    expect([log, flow.isHeld]).toEqual([["pause"], true]);
    read();
    expect(log).toEqual(["pause"]);
    read();
    expect([log, flow.isHeld]).toEqual([["pause", "resume"], false]);
  });

  test("a reader that stays behind is reported once", () => {
    const { clock, log, push } = setUp();
    push(200);
    clock.advance(999);
    expect(log).toEqual(["pause"]);
    clock.advance(5_000);
    expect(log).toEqual(["pause", "slow"]);
  });

  test("a reader that catches up has all its time again", () => {
    const { clock, log, push, read } = setUp();
    push(200);
    clock.advance(900);
    read();
    push(200);
    clock.advance(900);
    expect(log).toEqual(["pause", "resume", "pause"]);
  });

  test("after the end nobody is called", () => {
    const { clock, log, flow, push, read } = setUp();
    push(200);
    flow.end();
    read();
    clock.advance(5_000);
    expect([log, clock.waiting]).toEqual([["pause"], 0]);
  });
});
