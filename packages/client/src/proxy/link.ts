import type { Cancel, Clock } from "../core/index.ts";
import { rewriteConnect } from "./connect-frame.ts";
import { createFlow } from "./flow.ts";
import { createKeepAlive } from "./keep-alive.ts";
import type { Admission, GatewayTarget } from "./options.ts";
import { createRestriction, type Restriction } from "./restriction.ts";
import type { GatewaySocketListener, ProxySocket, ProxySocketListener } from "./socket.ts";
import { type LinkEffect, type LinkInput, type LinkState, step } from "./state.ts";

/** How long an end may take to read what it was sent and to answer the close frame behind it. */
const closeTimeoutMs = 5_000;

export type Ending = { by: "page" | "gateway" | "proxy"; code: number; reason: string };

export type LinkOptions = {
  clock: Clock;
  target: GatewayTarget;
  admission: Required<Pick<Admission, "scopes">> & Admission;
  maxFrameBytes: number;
  maxBufferedBytes: number;
  handshakeTimeoutMs: number;
  slowReaderTimeoutMs: number;
  keepAliveMs: number;
  openPage: (listener: ProxySocketListener) => ProxySocket;
  openGateway: (listener: GatewaySocketListener) => ProxySocket;
  onError: (error: Error) => void;
  /** Both ends are told; called once. */
  onEnd: (ending: Ending) => void;
  /** Both sockets are gone. */
  onGone: () => void;
};

/** A page and its gateway: runs the state machine, the only code of a link with sockets and timers. */
export interface Link {
  stop(): void;
}

export function openLink(options: LinkOptions): Link {
  const { clock, target, admission, maxFrameBytes } = options;
  let state: LinkState = { at: "opening", connect: undefined };
  let hasConnect = false;
  let restriction: Restriction | undefined;
  const isRestricted = admission.sessions !== undefined || admission.agents !== undefined;
  /** What the page said behind its `connect` before that could be sent. */
  const early: { data: Buffer; isBinary: boolean }[] = [];
  const open = new Set<"page" | "gateway">(["page", "gateway"]);
  const timers: Cancel[] = [];
  const after = (ms: number, fire: () => void): void => void timers.push(clock.at(clock.now() + ms, fire));

  const page = options.openPage({
    onMessage: fromPage,
    onPong: () => pageLife.heard(),
    onClose: (code, reason) => ended("page", code, reason),
  });
  const gateway = options.openGateway({
    onOpen: () => take({ on: "gateway-opened" }),
    onMessage: fromGateway,
    onPong: () => gatewayLife.heard(),
    onError: options.onError,
    onClose: (code, reason) => ended("gateway", code, reason),
  });
  const flow = { clock, maxBufferedBytes: options.maxBufferedBytes, slowReaderTimeoutMs: options.slowReaderTimeoutMs };
  const up = createFlow(page, gateway, { ...flow, onSlow: () => take({ on: "gateway-slow" }) });
  const down = createFlow(gateway, page, { ...flow, onSlow: () => take({ on: "page-slow" }) });
  const pageLife = createKeepAlive(page, {
    clock,
    intervalMs: options.keepAliveMs,
    isReading: () => state.at === "relaying" && !up.isHeld,
    onSilent: () => take({ on: "page-silent" }),
  });
  const gatewayLife = createKeepAlive(gateway, {
    clock,
    intervalMs: options.keepAliveMs,
    isReading: () => state.at !== "opening" && !down.isHeld,
    onSilent: () => take({ on: "gateway-silent" }),
  });
  after(options.handshakeTimeoutMs, () => take({ on: "handshake-timeout" }));

  function take(input: LinkInput): void {
    const [next, ...effects] = step(state, input);
    const isEnd = next.at === "closed" && state.at !== "closed";
    state = next;
    if (isEnd) {
      for (const part of [up, down, pageLife, gatewayLife]) part.end();
      for (const cancel of timers.splice(0)) cancel();
      for (const socket of [page, gateway]) after(closeTimeoutMs, () => socket.terminate());
      options.onEnd(endingOf(input, effects));
    }
    for (const effect of effects) run(effect);
  }

  function run(effect: LinkEffect): void {
    switch (effect.do) {
      case "send-connect":
        return up.push(effect.frame, false);
      case "relay":
        page.resume();
        for (const { data, isBinary } of early.splice(0)) relayUp(data, isBinary);
        return;
      case "close-page":
        return page.close(effect.code, effect.reason);
      case "close-gateway":
        return gateway.close(effect.code, effect.reason);
      default:
        return effect satisfies never;
    }
  }

  function fromPage(data: Buffer, isBinary: boolean): void {
    pageLife.heard();
    if (state.at === "closed") return;
    if (data.byteLength > maxFrameBytes) return take({ on: "too-large" });
    if (state.at === "relaying") return relayUp(data, isBinary);
    if (hasConnect) return void early.push({ data, isBinary });
    const read = rewriteConnect(data, isBinary, { token: target.token, scopes: admission.scopes });
    if (!read.ok) return take({ on: "not-connect", reason: read.reason });
    hasConnect = true;
    if (isRestricted) restriction = createRestriction(admission, read.id);
    // Whatever else it has to say waits in the network until the gateway is there.
    page.pause();
    take({ on: "connect", frame: read.frame });
  }

  function relayUp(data: Buffer, isBinary: boolean): void {
    const verdict = restriction?.judge(data) ?? { pass: true };
    if (verdict.pass) return up.push(data, isBinary);
    if (verdict.answer !== undefined) down.push(verdict.answer, false);
  }

  function fromGateway(data: Buffer, isBinary: boolean): void {
    gatewayLife.heard();
    if (state.at === "closed") return;
    const shown = restriction === undefined ? data : restriction.show(data);
    if (shown !== undefined) down.push(shown, isBinary);
  }

  function ended(who: "page" | "gateway", code: number, reason: string): void {
    open.delete(who);
    take({ on: `${who}-closed`, code, reason });
    if (open.size > 0) return;
    for (const cancel of timers.splice(0)) cancel();
    options.onGone();
  }

  return { stop: () => take({ on: "stop" }) };
}

function endingOf(input: LinkInput, effects: readonly LinkEffect[]): Ending {
  if (input.on === "page-closed") return { by: "page", code: input.code, reason: input.reason };
  if (input.on === "gateway-closed") return { by: "gateway", code: input.code, reason: input.reason };
  const told = effects.find((effect) => effect.do === "close-page");
  return { by: "proxy", code: told?.code ?? 1006, reason: told?.reason ?? "" };
}
