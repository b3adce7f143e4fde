import { describe, expect, test } from "vitest";
import { type LinkInput, type LinkState, step } from "./state.ts";

const frame = Buffer.from("connect");
const opening: LinkState = { at: "opening", connect: undefined };
const holding: LinkState = { at: "opening", connect: frame };
const listening: LinkState = { at: "listening" };
const relaying: LinkState = { at: "relaying" };
const relay = [{ at: "relaying" }, { do: "send-connect", frame }, { do: "relay" }];
const page = (code: number, reason: string) => ({ do: "close-page", code, reason });
const gateway = (code: number, reason: string) => ({ do: "close-gateway", code, reason });
const both = (toPage: object, toGateway: object) => [{ at: "closed" }, toPage, toGateway];

describe("a link", () => {
  const rows: [string, LinkState, LinkInput, readonly unknown[]][] = [
    ["a page that waits for the challenge", opening, { on: "gateway-opened" }, [listening]],
    ["its connect", listening, { on: "connect", frame }, relay],
    ["a page that does not wait is held", opening, { on: "connect", frame }, [holding]],
    ["until the gateway is there", holding, { on: "gateway-opened" }, relay],
    [
      "no connect",
      opening,
      { on: "not-connect", reason: "first frame must be connect" },
      both(page(4000, "first frame must be connect"), gateway(1000, "")),
    ],
    [
      "no connect in time",
      listening,
      { on: "handshake-timeout" },
      both(page(4000, "no connect in time"), gateway(1000, "")),
    ],
    [
      "no gateway in time",
      holding,
      { on: "handshake-timeout" },
      both(page(4002, "gateway unreachable"), gateway(1000, "")),
    ],
    ["the time for the handshake means nothing later", relaying, { on: "handshake-timeout" }, [relaying]],
    [
      "no gateway",
      opening,
      { on: "gateway-closed", code: 1006, reason: "" },
      [{ at: "closed" }, page(4002, "gateway unreachable")],
    ],
    [
      "the gateway breaks off",
      relaying,
      { on: "gateway-closed", code: 1006, reason: "" },
      [{ at: "closed" }, page(4002, "gateway connection lost")],
    ],
    [
      "the gateway's code and reason",
      relaying,
      { on: "gateway-closed", code: 1008, reason: "slow consumer" },
      [{ at: "closed" }, page(1008, "slow consumer")],
    ],
    [
      "the gateway's restart",
      relaying,
      { on: "gateway-closed", code: 1012, reason: "service restart" },
      [{ at: "closed" }, page(1012, "service restart")],
    ],
    [
      "a close without a code stays one",
      relaying,
      { on: "gateway-closed", code: 1005, reason: "" },
      [{ at: "closed" }, page(1005, "")],
    ],
    [
      "the page's code and reason",
      relaying,
      { on: "page-closed", code: 4000, reason: "tick timeout" },
      [{ at: "closed" }, gateway(4000, "tick timeout")],
    ],
    [
      "the page breaks off",
      relaying,
      { on: "page-closed", code: 1006, reason: "" },
      [{ at: "closed" }, gateway(1001, "page gone")],
    ],
    [
      "a page that does not read",
      relaying,
      { on: "page-slow" },
      both(page(1008, "slow consumer"), gateway(1001, "page too slow")),
    ],
    [
      "a gateway that does not read",
      relaying,
      { on: "gateway-slow" },
      both(page(4002, "gateway too slow"), gateway(1001, "gateway too slow")),
    ],
    [
      "a page that is gone",
      relaying,
      { on: "page-silent" },
      both(page(1001, "no sign of life"), gateway(1001, "page gone")),
    ],
    [
      "a gateway that is gone",
      relaying,
      { on: "gateway-silent" },
      both(page(4002, "gateway connection lost"), gateway(1001, "no sign of life")),
    ],
    [
      "too large a message",
      relaying,
      { on: "too-large" },
      both(page(1009, "message too large"), gateway(1001, "page closed")),
    ],
    [
      "the end of the proxy",
      relaying,
      { on: "stop" },
      both(page(1012, "service restart"), gateway(1001, "proxy stopping")),
    ],
    ["nothing after the end", { at: "closed" }, { on: "stop" }, [{ at: "closed" }]],
  ];
  test.each(rows)("%s", (_name, state, input, expected) => {
    expect(step(state, input)).toEqual(expected);
  });
});
