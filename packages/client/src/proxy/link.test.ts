import { describe, expect, test } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { type Ending, openLink } from "./link.ts";
import type { GatewaySocketListener, ProxySocket, ProxySocketListener } from "./socket.ts";

const connect = '{"type":"req","id":"1","method":"connect","params":{}}';

/** A socket in memory: what was done to it, in order. */
function createEnd(log: string[]): ProxySocket {
  return {
    send: (data, _isBinary, sent) => {
      log.push(data.toString().includes('"connect"') ? "send connect" : `send ${data.toString()}`);
      sent();
    },
    bufferedBytes: 0,
    pause: () => void log.push("pause"),
    resume: () => void log.push("resume"),
    ping: () => void log.push("ping"),
    close: (code, reason) => void log.push(`close ${code} ${reason}`.trim()),
    terminate: () => void log.push("terminate"),
  };
}

function open() {
  const clock = createManualClock();
  const [atPage, atGateway]: [string[], string[]] = [[], []];
  const ends: { page?: ProxySocketListener; gateway?: GatewaySocketListener } = {};
  const endings: Ending[] = [];
  let gone = 0;
  const link = openLink({
    clock,
    target: { url: "ws://gateway", token: "secret" },
    admission: { scopes: ["operator.read"] },
    maxFrameBytes: 1_000,
    maxBufferedBytes: 1_000,
    handshakeTimeoutMs: 10_000,
    slowReaderTimeoutMs: 30_000,
    keepAliveMs: 30_000,
    openPage: (listener) => {
      ends.page = listener;
      return createEnd(atPage);
    },
    openGateway: (listener) => {
      ends.gateway = listener;
      return createEnd(atGateway);
    },
    onError: () => {},
    onEnd: (ending) => endings.push(ending),
    onGone: () => gone++,
  });
  return {
    clock,
    link,
    atPage,
    atGateway,
    endings,
    page: ends.page!,
    gateway: ends.gateway!,
    says: (text: string) => ends.page!.onMessage(Buffer.from(text), false),
    tells: (text: string) => ends.gateway!.onMessage(Buffer.from(text), false),
    isGone: () => gone === 1,
  };
}

describe("a link in memory", () => {
  test("holds what comes before the gateway is there, in order", () => {
    const { atPage, atGateway, says, tells, gateway } = open();
    says(connect);
    // Read already when the page was paused.
    says("a");
    says("b");
    expect([atPage, atGateway]).toEqual([["pause"], []]);
    gateway.onOpen();
    expect([atPage, atGateway]).toEqual([
      ["pause", "resume"],
      ["send connect", "send a", "send b"],
    ]);
    tells("challenge");
    expect(atPage.at(-1)).toBe("send challenge");
  });

  test("asks both ends for a sign of life, and lets go when one has none", () => {
    const { clock, atPage, atGateway, says, page, gateway, endings } = open();
    gateway.onOpen();
    says(connect);
    clock.advance(30_000);
    expect([atPage.at(-1), atGateway.at(-1)]).toEqual(["ping", "ping"]);
    page.onPong();
    gateway.onPong();
    clock.advance(30_000);
    page.onPong();
    clock.advance(30_000);
    expect(endings).toEqual([{ by: "proxy", code: 4002, reason: "gateway connection lost" }]);
    expect(atGateway.at(-1)).toBe("close 1001 no sign of life");
  });

  test("ends sockets that do not end by themselves; then nothing is left", () => {
    const { clock, link, atPage, atGateway, page, gateway, says, tells, endings, isGone } = open();
    gateway.onOpen();
    link.stop();
    link.stop();
    says(connect);
    tells("late");
    expect([atPage, atGateway]).toEqual([["close 1012 service restart"], ["close 1001 proxy stopping"]]);
    page.onClose(1012, "service restart");
    expect(isGone()).toBe(false);
    clock.advance(5_000);
    expect(atGateway.at(-1)).toBe("terminate");
    gateway.onClose(1006, "");
    expect([isGone(), clock.waiting, endings]).toEqual([
      true,
      0,
      [{ by: "proxy", code: 1012, reason: "service restart" }],
    ]);
  });

  test("tells who ended it", () => {
    const one = open();
    one.page.onClose(1000, "done");
    expect([one.endings, one.atGateway]).toEqual([[{ by: "page", code: 1000, reason: "done" }], ["close 1000 done"]]);
    const two = open();
    two.gateway.onClose(1006, "");
    expect([two.endings, two.atPage]).toEqual([
      [{ by: "gateway", code: 1006, reason: "" }],
      ["close 4002 gateway unreachable"],
    ]);
    const three = open();
    three.says("x".repeat(1_001));
    expect(three.endings).toEqual([{ by: "proxy", code: 1009, reason: "message too large" }]);
  });
});
