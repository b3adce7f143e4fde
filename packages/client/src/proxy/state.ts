import { closeCodes } from "@openclaw-gateway/protocol/wire";
import { isSendable, noCode, proxyCloseCodes } from "./close-codes.ts";

/** A page and its gateway. The gateway is opened with the page, so that both kinds of client find their challenge. */
export type LinkState =
  /** The gateway does not answer yet; `connect` is what the page has said so far. */
  | { at: "opening"; connect: Buffer | undefined }
  /** The gateway waits for the page's `connect`. */
  | { at: "listening" }
  | { at: "relaying" }
  | { at: "closed" };

export type LinkInput =
  | { on: "gateway-opened" }
  /** The page's first frame, with the credential in it. */
  | { on: "connect"; frame: Buffer }
  | { on: "not-connect"; reason: string }
  | { on: "page-closed"; code: number; reason: string }
  | { on: "gateway-closed"; code: number; reason: string }
  | { on: "handshake-timeout" }
  | { on: "page-slow" }
  | { on: "gateway-slow" }
  | { on: "page-silent" }
  | { on: "gateway-silent" }
  | { on: "too-large" }
  | { on: "stop" };

export type LinkEffect =
  | { do: "send-connect"; frame: Buffer }
  /** From now on the page's frames go to the gateway. */
  | { do: "relay" }
  | { do: "close-page"; code: number; reason: string }
  | { do: "close-gateway"; code: number; reason: string };

export type LinkStep = readonly [LinkState, ...LinkEffect[]];

const { notConnect, gatewayLost } = proxyCloseCodes;
const { normal, goingAway, policy, tooBig, restart } = closeCodes;

/** What a link does next. */
export function step(state: LinkState, input: LinkInput): LinkStep {
  if (state.at === "closed") return [state];
  switch (input.on) {
    case "gateway-opened":
      if (state.at !== "opening") return [state];
      return state.connect === undefined ? [{ at: "listening" }] : relay(state.connect);
    case "connect":
      if (state.at === "opening") return [{ at: "opening", connect: input.frame }];
      return state.at === "listening" ? relay(input.frame) : [state];
    case "not-connect":
      return end([notConnect, input.reason], [normal, ""]);
    case "handshake-timeout":
      if (state.at === "relaying") return [state];
      return state.at === "opening"
        ? end([gatewayLost, "gateway unreachable"], [normal, ""])
        : end([notConnect, "no connect in time"], [normal, ""]);
    case "page-closed":
      return [{ at: "closed" }, { do: "close-gateway", ...passOn(input, [goingAway, "page gone"]) }];
    case "gateway-closed": {
      const lost = state.at === "opening" ? "gateway unreachable" : "gateway connection lost";
      return [{ at: "closed" }, { do: "close-page", ...passOn(input, [gatewayLost, lost]) }];
    }
    case "page-slow":
      return end([policy, "slow consumer"], [goingAway, "page too slow"]);
    case "gateway-slow":
      return end([gatewayLost, "gateway too slow"], [goingAway, "gateway too slow"]);
    case "page-silent":
      return end([goingAway, "no sign of life"], [goingAway, "page gone"]);
    case "gateway-silent":
      return end([gatewayLost, "gateway connection lost"], [goingAway, "no sign of life"]);
    case "too-large":
      return end([tooBig, "message too large"], [goingAway, "page closed"]);
    case "stop":
      return end([restart, "service restart"], [goingAway, "proxy stopping"]);
    default:
      return input satisfies never;
  }
}

type Ending = readonly [code: number, reason: string];

const relay = (frame: Buffer): LinkStep => [{ at: "relaying" }, { do: "send-connect", frame }, { do: "relay" }];

const end = (page: Ending, gateway: Ending): LinkStep => [
  { at: "closed" },
  { do: "close-page", code: page[0], reason: page[1] },
  { do: "close-gateway", code: gateway[0], reason: gateway[1] },
];

/** The code and reason of one end for the other; `broken` where the link broke without any. */
function passOn({ code, reason }: { code: number; reason: string }, broken: Ending): { code: number; reason: string } {
  if (code === noCode || isSendable(code)) return { code, reason };
  return { code: broken[0], reason: broken[1] };
}
