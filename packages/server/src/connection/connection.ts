import {
  closeCodes,
  type ConnectParams,
  type Dialect,
  dialectOfFrame,
  GatewayError,
  type HelloOk,
  limits,
  streamPositionsCap,
} from "@openclaw-gateway/protocol";
import type { Admission, Handshake } from "../auth/handshake.ts";
import { refusals } from "../auth/refusals.ts";
import type { EventPlane, EventReader } from "../events/plane.ts";
import type { Cancel, Clock } from "../platform/clock.ts";
import { createLastingId } from "../platform/lasting-id.ts";
import type { Log } from "../platform/log.ts";
import type { CallerConnection, RequestContext } from "../rpc/handler.ts";
import type { Principal } from "../rpc/principal.ts";
import type { Router } from "../rpc/router.ts";
import { encodeAnswer } from "../rpc/stable.ts";
import type { Peer, Transport, TransportListener } from "../transport/transport.ts";
import type { AbsentReaders } from "./absent-readers.ts";
import { createOutbox } from "./outbox.ts";
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  type IncomingRequest,
  type Refusal,
  step,
} from "./state.ts";

/** Requests of one connection that may be unanswered at the same time. */
const maxInFlight = 256;

const noCaps: ReadonlySet<string> = new Set();

/** Somebody who got through the handshake. */
export type Member = {
  connId: string;
  params: ConnectParams;
  dialect: Dialect;
  principal: Principal;
  peer: Peer;
};

export type ConnectionDeps = {
  handshake: Handshake;
  router: Router;
  plane: EventPlane;
  absent: AbsentReaders;
  clock: Clock;
  log: Log;
  handshakeTimeoutMs: () => number;
  maxBufferedBytes: number;
  buildHello(member: Member, issued: Admission["issued"]): HelloOk;
  onReady(member: Member): void;
  /** Somebody was refused before they were let in. */
  onRefused(peer: Peer, error: GatewayError): void;
  onGone(member: Member): void;
  /** Somebody does not read what they are sent, and is closed. */
  onSlow(): void;
  /** Somebody was behind, and a newer event took the place of one. */
  onReplaced(): void;
};

export interface Connection extends TransportListener {
  readonly id: string;
  readonly isReady: boolean;
  /** Whether it has not asked to connect yet. */
  readonly isSilent: boolean;
  /** Who it is, once admitted. */
  readonly member: Member | undefined;
  /** When the peer last said anything, for finding dead ones. */
  readonly lastHeardMs: number;
  readonly transport: Transport;
  stop(code: number, reason: string): void;
  /** Its peer has come back under another connection: this one is as good as lost. For the same caller only. */
  abandon(by: Principal): void;
}

/** What a peer was told before there was a connection for it, and when it has to have connected. */
export type Greeting = { nonce: string; deadlineMs: number };

/** The first message to everybody. */
export const challengeOf = (nonce: string, nowMs: number): string =>
  `{"type":"event","event":"connect.challenge","payload":{"nonce":"${nonce}","ts":${nowMs}}}`;

/** Runs the state machine of one connection over a transport. `connect` gives the transport its listener. */
export function createConnection(
  deps: ConnectionDeps,
  peer: Peer,
  connect: (listener: TransportListener) => Transport,
  greeting?: Greeting,
): Connection {
  const { clock, plane } = deps;
  const id = createLastingId();
  const nonce = greeting?.nonce ?? createLastingId();
  const gone = new AbortController();
  let state: ConnectionState = { at: "awaiting-connect" };
  let member: Member | undefined;
  // Before the handshake a client is answered in the form of frames it speaks.
  let spoken = dialectOfFrame(undefined);
  let issued: Admission["issued"];
  let reader: EventReader | undefined;
  let caller: CallerConnection | undefined;
  let wantsPositions = false;
  let joinedAtMark = 0;
  let saidGoodbye = false;
  let inFlight = 0;
  let lastHeardMs = clock.now();

  const transport = connect({
    onMessage,
    onPong: () => void (lastHeardMs = clock.now()),
    onClose: lose,
  });
  const outbox = createOutbox({
    transport,
    clock,
    maxBufferedBytes: deps.maxBufferedBytes,
    onSlow: () => {
      deps.onSlow();
      take({ on: "slow" });
    },
    onReplaced: deps.onReplaced,
    wantsPositions: () => wantsPositions,
  });
  let cancelHandshakeTimer: Cancel | undefined = clock.at(
    greeting?.deadlineMs ?? clock.now() + deps.handshakeTimeoutMs(),
    () => take({ on: "handshake-timeout" }),
  );

  function lose(code: number): void {
    saidGoodbye = code === closeCodes.normal;
    take({ on: "link-closed" });
  }

  function take(input: ConnectionInput): void {
    const [next, ...effects] = step(state, input);
    state = next;
    for (const effect of effects) run(effect);
  }

  function onMessage(data: Uint8Array): void {
    lastHeardMs = clock.now();
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("utf8"));
    } catch {
      return take({ on: "not-json" });
    }
    if (!member) spoken = dialectOfFrame(value);
    const decoded = spoken.decodeRequest(value);
    if (decoded.ok) take({ on: "request", request: decoded });
    else take({ on: "bad-frame", id: decoded.id, reason: decoded.reason });
  }

  function run(effect: ConnectionEffect): void {
    switch (effect.do) {
      case "send-challenge":
        return transport.send(challengeOf(nonce, clock.now()));
      case "authenticate":
        return authenticate(effect.request);
      case "send-hello":
        return welcome(effect.requestId);
      case "send-error":
        return sendError(effect.id, effect.error);
      case "dispatch":
        return dispatch(effect.request);
      case "close":
        return transport.close(effect.code, effect.reason);
      case "drop":
        return transport.dropSoon();
      case "release":
        return release();
      default:
        return effect satisfies never;
    }
  }

  function authenticate(request: IncomingRequest): void {
    const decision = deps.handshake.decide(request.params, peer, nonce, spoken.frames);
    if (!(decision instanceof Promise)) return settle(decision);
    decision.then(settle, (error: unknown) => {
      deps.log.error({ connId: id, err: error }, "a connect request failed unexpectedly");
      settle({
        error: new GatewayError("UNAVAILABLE", "internal error; see the gateway log", { retryable: true }),
        closeCode: closeCodes.tryAgainLater,
      });
    });
  }

  function settle(decision: Admission | Refusal): void {
    if ("error" in decision) {
      deps.log.warn({ connId: id, address: peer.address, reason: decision.error.message }, "connect refused");
      deps.onRefused(peer, decision.error);
      return take({ on: "refused", refusal: decision });
    }
    // The client may have gone, or the time for the handshake may be over.
    if (state.at !== "authenticating") return;
    if (!decision.isCurrent()) {
      return take({
        on: "refused",
        refusal: { error: refusals.changedMeanwhile(), closeCode: closeCodes.tryAgainLater },
      });
    }
    const { params, dialect, principal } = decision;
    member = { connId: id, peer, params, dialect, principal };
    issued = decision.issued;
    spoken = dialect;
    take({ on: "admitted" });
    issued = undefined;
  }

  function welcome(requestId: string): void {
    if (!member) return;
    cancelHandshakeTimer?.();
    cancelHandshakeTimer = undefined;
    transport.setMaxPayload(limits.payloadBytes);
    const subscriptions = { sessions: false, messagesOf: new Set<string>(), streams: new Set<string>() };
    const caps = member.params.caps?.length ? new Set(member.params.caps) : noCaps;
    wantsPositions = caps.has(streamPositionsCap) && member.dialect.methods.has("events.resume");
    caller = {
      id,
      address: peer.address,
      caps,
      subscriptions,
      get joinedAtMark() {
        return joinedAtMark;
      },
      toolEventsFollowVerbose: member.dialect.toolEventsFollowVerbose,
    };
    reader = { id, dialect: member.dialect, principal: member.principal, subscriptions, deliver: outbox.push };
    deps.onReady(member);
    const hello = member.dialect.encodeHello(deps.buildHello(member, issued));
    transport.send(encodeAnswer(spoken.frames, requestId, hello));
    // Only after the answer: events before `hello-ok` would not be expected.
    plane.add(reader);
    joinedAtMark = plane.mark;
  }

  function dispatch(request: IncomingRequest): void {
    if (!member || !caller) return;
    const { dialect } = member;
    if (inFlight >= maxInFlight) {
      return sendError(
        request.id,
        new GatewayError("UNAVAILABLE", "too many unanswered requests on this connection", {
          retryable: true,
          retryAfterMs: 250,
        }),
      );
    }
    const context: RequestContext = { principal: member.principal, connection: caller, signal: gone.signal };
    const accept = (payload: unknown): void => sendResult(request.id, payload);
    const answer = (payload: unknown): void => sendResult(request.id, dialect.encodeResult(request.method, payload));
    try {
      const result = deps.router.call(dialect, request.method, request.params, { ...context, accept });
      if (!(result instanceof Promise)) return answer(result);
      inFlight++;
      result.then(
        (payload: unknown) => {
          inFlight--;
          answer(payload);
        },
        (error: unknown) => {
          inFlight--;
          sendFailure(request.id, error);
        },
      );
    } catch (error) {
      sendFailure(request.id, error);
    }
  }

  function sendResult(requestId: string, payload: unknown): void {
    transport.send(encodeAnswer(spoken.frames, requestId, payload));
  }

  function sendFailure(requestId: string, error: unknown): void {
    sendError(
      requestId,
      error instanceof GatewayError ? error : new GatewayError("UNAVAILABLE", "internal error", { cause: error }),
    );
  }

  function sendError(requestId: unknown, error: GatewayError): void {
    const wire = spoken.encodeError(error.toWire());
    const payload = error.payload === undefined ? "" : `,"payload":${JSON.stringify(error.payload)}`;
    transport.send(
      `{"type":"${spoken.frames.response}","id":${JSON.stringify(requestId) ?? '"invalid"'},"ok":false,"error":${JSON.stringify(wire)}${payload}}`,
    );
  }

  function release(): void {
    cancelHandshakeTimer?.();
    const leftovers = outbox.close();
    // With a reason: making the default one, an error with its stack, costs more than the rest of a close.
    gone.abort("disconnected");
    if (reader) plane.remove(reader);
    if (reader && wantsPositions && leftovers && !saidGoodbye) deps.absent.leave(reader, leftovers);
    if (member) deps.onGone(member);
  }

  transport.setMaxPayload(limits.handshakeBytes);
  if (!greeting) take({ on: "opened" });
  return {
    id,
    transport,
    get isReady() {
      return state.at === "ready";
    },
    get isSilent() {
      return state.at === "awaiting-connect";
    },
    get member() {
      return member;
    },
    get lastHeardMs() {
      return lastHeardMs;
    },
    onMessage,
    onPong: () => void (lastHeardMs = clock.now()),
    onClose: lose,
    stop: (code, reason) => take({ on: "stop", code, reason }),
    abandon: (by) => {
      if (member?.principal.id !== by.id) return;
      take({ on: "link-closed" });
      transport.terminate();
    },
  };
}
