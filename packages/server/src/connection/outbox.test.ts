import { describe, expect, test } from "vitest";
import type { EncodedEvent } from "../events/plane.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import type { Transport } from "../transport/transport.ts";
import { createOutbox } from "./outbox.ts";

function createReader({ maxBufferedBytes = 4_000_000, wantsPositions = false } = {}) {
  const sent: { name: string; seq?: number; note?: string }[] = [];
  const link = { bufferedBytes: 0, slow: 0 };
  const clock = createManualClock();
  const transport: Transport = {
    send: (message) => void sent.push(JSON.parse(Buffer.from(message).toString("utf8"))),
    get bufferedBytes() {
      return link.bufferedBytes;
    },
    close: () => {},
    terminate: () => {},
    dropSoon: () => {},
    setMaxPayload: () => {},
    ping: () => {},
  };
  const outbox = createOutbox({
    transport,
    clock,
    maxBufferedBytes,
    onReplaced: () => {},
    onSlow: () => void link.slow++,
    wantsPositions: () => wantsPositions,
  });
  return { sent, link, clock, outbox };
}

function event(name: string, coalesceKey?: string, note?: string): EncodedEvent {
  const self: EncodedEvent = {
    head: Buffer.from(`{"name":"${name}"${note === undefined ? "" : `,"note":"${note}"`}`),
    numbered: true,
    mark: 0,
    ...(coalesceKey !== undefined && { coalesceKey }),
    whenBehind: () => (coalesceKey === undefined ? self : event(name, coalesceKey, "whole")),
  };
  return self;
}

describe("a reader that keeps up", () => {
  test("gets everything in order, numbered without gaps", () => {
    const { outbox, sent } = createReader();
    outbox.push(event("a"));
    outbox.push(event("delta", "k"));
    outbox.push(event("b"));
    expect(sent).toEqual([
      { name: "a", seq: 1 },
      { name: "delta", seq: 2 },
      { name: "b", seq: 3 },
    ]);
  });

  test("gets unnumbered events without a number", () => {
    const { outbox, sent } = createReader();
    outbox.push({ ...event("direct"), numbered: false });
    outbox.push(event("a"));
    expect(sent).toEqual([{ name: "direct" }, { name: "a", seq: 1 }]);
  });
});

describe("a reader that is behind", () => {
  test("gets only the newest of what can be replaced, in the form for late readers, when it has caught up", () => {
    const { outbox, sent, link, clock } = createReader();
    link.bufferedBytes = 1_000_000;
    outbox.push(event("d1", "k"));
    outbox.push(event("d2", "k"));
    outbox.push(event("other", "k2"));
    expect(sent).toEqual([]);
    link.bufferedBytes = 0;
    clock.advance(50);
    expect(sent).toEqual([
      { name: "d2", note: "whole", seq: 1 },
      { name: "other", note: "whole", seq: 2 },
    ]);
  });

  test("never sees a final before the text that was held back", () => {
    const { outbox, sent, link } = createReader();
    link.bufferedBytes = 1_000_000;
    outbox.push(event("delta", "k"));
    outbox.push(event("final"));
    expect(sent.map(({ name }) => name)).toEqual(["delta", "final"]);
  });

  test("is reported as slow beyond the bound, and nothing more is sent", () => {
    const { outbox, sent, link } = createReader({ maxBufferedBytes: 2_000_000 });
    link.bufferedBytes = 3_000_000;
    outbox.push(event("final"));
    expect(link.slow).toBe(1);
    expect(sent).toEqual([]);
  });
});
