import type { HelloOk } from "@openclaw-gateway/protocol";
import { type EventFrame, limits } from "@openclaw-gateway/protocol/wire";
import { parseAddress } from "./address.ts";
import { createApi } from "./api.ts";
import { createBackoff } from "./backoff.ts";
import { systemClock } from "./clock.ts";
import { buildConnectParams, newestProtocol } from "./connect-params.ts";
import type { Challenge, ConnState } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import { createConnecting } from "./connecting.ts";
import { createDeviceTokens } from "./device-tokens.ts";
import { createFollowings } from "./followings.ts";
import type { Gap, GatewayClient } from "./gateway-client.ts";
import { createListeners, type Listeners } from "./listeners.ts";
import type { ClientOptions, RequestOptions } from "./options.ts";
import { createLostEvents } from "./lost-events.ts";
import { createPending } from "./pending.ts";
import { type Answer, readChallenge, readError, readFrame, readHello } from "./read-frame.ts";
import { createShell } from "./shell.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { createWatchdog } from "./watchdog.ts";

/** Builds a client over any transport. The Node and browser packages preset theirs. */
export function createCoreClient(given: ClientOptions): GatewayClient {
  const address = parseAddress(given.url);
  const options: ClientOptions = { ...given, token: given.token ?? address.token };
  const { clock = systemClock, random = Math.random, reconnect = true, retryFirstConnect = true } = options;
  const { connectsFirst = false } = options;
  if (connectsFirst && options.signDevice) {
    throw new TypeError("connectsFirst: a device signs the challenge, so it has to wait for it; leave one of them out");
  }
  const { connectTimeoutMs = 10_000, challengeTimeoutMs = 15_000, requestTimeoutMs = 30_000 } = options;

  const eventListeners = new Map<string, Listeners<unknown>>();
  const frameListeners = createListeners<EventFrame>();
  const gapListeners = createListeners<Gap>();
  const stateListeners = createListeners<ConnState>();
  const deviceTokens = createDeviceTokens(options.deviceTokens);
  let connectId = 0;
  let lastSeq: number | undefined;
  /** There was a link since the story began. */
  let isEstablished = false;
  const goesOn = (): boolean => reconnect !== false && (isEstablished || retryFirstConnect);
  const backoff = createBackoff(typeof reconnect === "object" ? reconnect : {}, clock, random);

  const watchdog = createWatchdog(clock, () => shell.take({ on: "link-silent" }));
  const pending = createPending({
    clock,
    defaultTimeoutMs: requestTimeoutMs,
    isLinkReady: () => shell.state.at === "ready",
    whyUnsupported,
    write: (id, method, params) => {
      const text = JSON.stringify({ type: "req", id, method, params });
      refuseOversize(text, method);
      shell.send(text);
    },
  });
  const subscriptions = createSubscriptions({
    isLinkReady: () => shell.state.at === "ready",
    request: (method, params) => request(method, params),
  });
  const followings = createFollowings({
    isLinkReady: () => shell.state.at === "ready",
    subscribe: (params) => request("streams.subscribe", params),
    unsubscribe: (target) => request("streams.unsubscribe", target),
    deliver: tell,
    onLost: () => gapListeners.call(unknownGap(lastSeq)),
  });
  const lostEvents = createLostEvents({
    ask: (lost) => request("events.resume", lost, { timeoutMs: 10_000 }),
    deliver: (frame) => void (followings.admits(frame) && tell(frame)),
    onLost: (lost) => gapListeners.call(unknownGap(lost.seq)),
  });
  const shell = createShell({
    url: address.url,
    openSocket: options.openSocket,
    socketLimits: { openTimeoutMs: connectTimeoutMs, maxPayloadBytes: limits.payloadBytes },
    clock,
    deadlinesMs: { open: connectTimeoutMs, challenge: challengeTimeoutMs, hello: connectTimeoutMs },
    retryAt: (attempt, error) => (goesOn() ? backoff(attempt, error) : undefined),
    connectsFirst,
    sendConnect: (challenge) => void sendConnect(challenge),
    dropDeviceToken: () => deviceTokens.drop(),
    onMessage,
    onState,
    replaySubscriptions: () => {
      lostEvents.resume(hello());
      subscriptions.replay();
      followings.replay();
    },
    sendHeld: () => pending.sendHeld(),
    rejectPending: (error, held) => {
      pending.rejectAll(error, held);
      lostEvents.linkLost(lastSeq);
      if (!held) return;
      subscriptions.clear(error);
      followings.clear(error);
    },
  });
  const connecting = createConnecting({ clock, connectTimeoutMs, shell, goesOn });

  function onState(state: ConnState): void {
    if (state.at === "ready") watchdog.start(state.hello.policy.tickIntervalMs);
    else watchdog.stop();
    if (state.at === "ready") deviceTokens.keep(state.hello.auth?.deviceToken);
    if (state.at === "ready" || state.at === "stopped") isEstablished = state.at === "ready";
    connecting.onState(state);
    stateListeners.call(state);
  }

  async function sendConnect(challenge: Challenge): Promise<void> {
    const before = shell.state;
    connectId++;
    const id = `connect-${connectId}`;
    try {
      const kept = await deviceTokens.read();
      const params = await buildConnectParams(
        kept === undefined ? options : { ...options, token: kept, password: undefined, deviceToken: undefined },
        challenge,
        clock,
      );
      // Signing takes time; the link it was for may be gone.
      if (shell.state !== before) return;
      if (kept !== undefined) shell.take({ on: "device-token-shown" });
      shell.send(JSON.stringify({ type: "req", id, method: "connect", params }));
    } catch (cause) {
      if (shell.state !== before) return;
      const message = `signing the challenge failed: ${cause instanceof Error ? cause.message : String(cause)}`;
      shell.take({ on: "refused", error: new ConnectionError("aborted", message, { cause }) });
    }
  }

  function onMessage(text: string): void {
    watchdog.heard();
    const frame = readFrame(text);
    if (frame === undefined) return;
    if (frame.type === "event") onEvent(frame);
    else if (frame.id === `connect-${connectId}`) onConnectAnswer(frame);
    else pending.settle(frame);
  }

  function onConnectAnswer(answer: Answer): void {
    if (!answer.ok) return shell.take({ on: "refused", error: readError(answer) });
    lastSeq = undefined;
    shell.take({ on: "hello", hello: readHello(answer.payload) });
  }

  function onEvent(frame: EventFrame): void {
    if (frame.event === "connect.challenge") {
      const challenge = readChallenge(frame.payload);
      if (challenge !== undefined) shell.take({ on: "challenge", challenge });
    }
    if (frame.seq !== undefined) {
      const expected = lastSeq === undefined ? frame.seq : lastSeq + 1;
      lastSeq = frame.seq;
      if (frame.seq > expected) gapListeners.call({ expected, received: frame.seq });
    }
    if (!lostEvents.holds(frame) && followings.admits(frame)) tell(frame);
  }

  function tell(frame: EventFrame): void {
    eventListeners.get(frame.event)?.call(frame.payload);
    frameListeners.call(frame);
  }

  function hello(): HelloOk | undefined {
    return shell.state.at === "ready" ? shell.state.hello : undefined;
  }

  function whyUnsupported(method: string): undefined | Promise<ConnectionError | undefined> {
    const present = hello();
    const { methodSince } = options;
    if (present === undefined || methodSince === undefined) return undefined;
    // Advertised, or as new as we are: the gateway itself answers best. Hidden methods exist, so absence proves nothing.
    if (present.protocol >= newestProtocol || present.features.methods.includes(method)) return undefined;
    return methodSince(method).then((since) =>
      since === undefined || since <= present.protocol
        ? undefined
        : new ConnectionError(
            "unsupported-method",
            `${method} needs protocol ${since}; this gateway speaks ${present.protocol}`,
          ),
    );
  }

  function refuseOversize(text: string, method: string): void {
    const maxBytes = hello()?.policy.maxPayload;
    // A UTF-16 unit takes at most three bytes; measuring is for the few that come near.
    if (maxBytes === undefined || text.length * 3 <= maxBytes) return;
    const bytes = new TextEncoder().encode(text).byteLength;
    if (bytes <= maxBytes) return;
    // The gateway would close the link, and everybody else's requests with it.
    throw new ConnectionError("too-large", `${method}: ${bytes} bytes exceed the gateway's limit of ${maxBytes}`);
  }

  function request<R>(method: string, params?: unknown, requestOptions: RequestOptions = {}): Promise<R> {
    const { state } = shell;
    if (state.at === "stopped") {
      const error = new ConnectionError("closed", `${method}: the client is closed`, { cause: state.error });
      return Promise.reject(error);
    }
    return pending.add(method, params, requestOptions);
  }

  function checkLink(timeoutMs = 5_000): void {
    if (shell.state.at === "waiting") return shell.take({ on: "retry-due" });
    if (shell.state.at !== "ready") return;
    const asked = shell.state;
    const askedAtMs = clock.now();
    // Any answer, also a refusal, is a sign of life; this is the cheapest question every gateway knows.
    request("last-heartbeat", undefined, { timeoutMs }).catch((error: unknown) => {
      const isSilent = error instanceof ConnectionError && error.reason === "timeout";
      if (isSilent && shell.state === asked && watchdog.lastHeardMs <= askedAtMs) shell.take({ on: "link-silent" });
    });
  }

  return {
    connect: () => connecting.wait(),
    close: () => {
      shell.take({ on: "close" });
      return shell.whenSocketsGone();
    },
    request: (method, ...args) => request(method, args[0], args[1]),
    requestUntyped: request,
    api: createApi((method, params, requestOptions) => request(method, params, requestOptions as RequestOptions)),
    on: (event, listener) => {
      let listeners = eventListeners.get(event);
      if (listeners === undefined) eventListeners.set(event, (listeners = createListeners<unknown>()));
      // The catalogue says what the gateway sends; the client does not check it again.
      return listeners.add((payload) => listener(payload as Parameters<typeof listener>[0]));
    },
    onEvent: (listener) => frameListeners.add(listener),
    onGap: (listener) => gapListeners.add(listener),
    onState: (listener) => stateListeners.add(listener),
    subscribe: (method, ...args) => subscriptions.add(method, args[0]),
    follow: (target, followOptions = {}) => followings.add(target, followOptions),
    get state() {
      return shell.state;
    },
    get hello() {
      return hello();
    },
    checkLink,
    pauseWatchdog: () => watchdog.pause(),
  };
}

const unknownGap = (lastSeq: number | undefined): Gap => ({ expected: (lastSeq ?? 0) + 1, received: undefined });
