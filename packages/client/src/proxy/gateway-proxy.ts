import { WebSocket } from "ws";
import { closeCodes, limits, type Scope } from "@openclaw-gateway/protocol/wire";
import { type Clock, parseAddress, systemClock } from "../core/index.ts";
import { clientOptionsFromEnvironment } from "../environment.ts";
import { proxyCloseCodes } from "./close-codes.ts";
import type { ProxyEvent } from "./events.ts";
import { type Link, openLink } from "./link.ts";
import type { Admission, GatewayProxyOptions, GatewayTarget } from "./options.ts";
import { isAllowedOrigin } from "./origin.ts";
import { normalizeTlsFingerprint } from "../tls-fingerprint.ts";
import { openGatewayWithWs, type ServerSocket, wrapWs } from "./ws-socket.ts";

/** Links of pages to a gateway, with the credential added on the way. Adapters give it requests and sockets. */
export interface GatewayProxy {
  /** Judges an upgrade request before there is a socket. Never rejects. */
  admit(request: Request): Promise<Verdict>;
  /** Pages that are connected. */
  readonly connections: number;
  /** Closes every link with 1012 and takes no more; resolves when all sockets are gone. */
  close(): Promise<void>;
}

export type Verdict =
  /** Upgrade, then hand the socket over in the same task: what comes before `accept` is lost. */
  { ok: true; accept(socket: ServerSocket): void } | { ok: false; status: number; message: string };

const defaultScopes: readonly Scope[] = ["operator.read", "operator.write"];

/** Builds the part that all adapters share. */
export function createGatewayProxy(options: GatewayProxyOptions = {}): GatewayProxy {
  const {
    gateway = targetFromEnvironment(),
    authorize = () => true,
    allowedOrigins = [],
    requiresOrigin = true,
    scopes = defaultScopes,
    maxConnections = 1_000,
    openGateway = openGatewayWithWs,
    onEvent = () => {},
  } = options;
  const clock: Clock = options.clock ?? systemClock;
  const maxFrameBytes = options.maxFrameBytes ?? limits.payloadBytes;
  const handshakeTimeoutMs = options.handshakeTimeoutMs ?? limits.handshakeTimeoutMs;
  const linkOptions = {
    clock,
    maxFrameBytes,
    handshakeTimeoutMs,
    maxBufferedBytes: options.maxBufferedBytes ?? 1024 * 1024,
    slowReaderTimeoutMs: options.slowReaderTimeoutMs ?? 30_000,
    keepAliveMs: options.keepAliveMs ?? 30_000,
  };
  const find = typeof gateway === "function" ? gateway : () => gateway;
  const links = new Set<Link>();
  let isClosed = false;
  let onEmpty = (): void => {};

  async function admit(request: Request): Promise<Verdict> {
    const origin = request.headers.get("origin") ?? undefined;
    const refuse = (status: number, reason: string, error?: unknown): Verdict => {
      tell({ event: "refused", origin, status, reason, ...(error !== undefined && { error }) });
      return { ok: false, status, message: reason };
    };
    if (isClosed) return refuse(503, "the proxy is stopping");
    if (links.size >= maxConnections) return refuse(503, "too many connections");
    if (origin === undefined ? requiresOrigin : !isAllowedOrigin(origin, request.headers.get("host"), allowedOrigins)) {
      return refuse(403, "origin not allowed");
    }
    let admission: boolean | Admission;
    try {
      admission = await inTime("authorize", async () => authorize(request));
    } catch (error) {
      return refuse(500, "authorization failed", error);
    }
    if (admission === false) return refuse(403, "not allowed");
    const allowed = { scopes, ...(admission === true ? {} : admission) };
    const target = await inTime("gateway", async () => readTarget(await find(request))).catch((error: unknown) => {
      tell({ event: "failed", origin, error });
      return undefined;
    });
    if (isClosed) return refuse(503, "the proxy is stopping");
    return { ok: true, accept: (socket) => accept(socket, origin, allowed, target) };
  }

  /** Somebody who waits to be let in holds a socket. */
  async function inTime<T>(hook: string, work: () => Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const cancel = clock.at(clock.now() + handshakeTimeoutMs, () =>
      late.reject(new Error(`${hook} took longer than ${handshakeTimeoutMs} ms`)),
    );
    try {
      return await Promise.race([work(), late.promise]);
    } finally {
      cancel();
    }
  }

  function accept(
    socket: ServerSocket,
    origin: string | undefined,
    admission: Admission & { scopes: readonly Scope[] },
    target: GatewayTarget | undefined,
  ): void {
    // Gone between the upgrade and now: nobody is told any more.
    if (socket.readyState > WebSocket.OPEN) return;
    // Others were let in meanwhile.
    const isFull = links.size >= maxConnections;
    if (target === undefined || isClosed || isFull) {
      const ending = isClosed
        ? { code: closeCodes.restart, reason: "service restart" }
        : isFull
          ? { code: closeCodes.tryAgainLater, reason: "too many connections" }
          : { code: proxyCloseCodes.noGateway, reason: "no gateway is configured" };
      wrapWs(socket, { onMessage: () => {}, onPong: () => {}, onClose: () => {} }).close(ending.code, ending.reason);
      return tell({ event: "closed", origin, by: "proxy", ...ending });
    }
    tell({ event: "opened", origin });
    const link = openLink({
      ...linkOptions,
      target,
      admission,
      openPage: (listener) => wrapWs(socket, listener),
      openGateway: (listener) => openGateway(target, { openTimeoutMs: handshakeTimeoutMs, maxFrameBytes }, listener),
      onError: (error) => tell({ event: "failed", origin, error }),
      onEnd: (ending) => tell({ event: "closed", origin, ...ending }),
      onGone: () => {
        links.delete(link);
        if (links.size === 0) onEmpty();
      },
    });
    links.add(link);
  }

  /** A log that fails is no reason to lose a link. */
  function tell(event: ProxyEvent): void {
    try {
      onEvent(event);
    } catch {
      // Nobody is left to be told.
    }
  }

  return {
    admit,
    get connections() {
      return links.size;
    },
    close: () => {
      isClosed = true;
      for (const link of links) link.stop();
      return new Promise((resolve) => {
        if (links.size === 0) resolve();
        else onEmpty = resolve;
      });
    },
  };
}

function targetFromEnvironment(): GatewayTarget | undefined {
  const { url, token } = clientOptionsFromEnvironment();
  return url === undefined || token === undefined ? undefined : { url, token };
}

/** The address in the one form; a token in it is taken out, so that it stands in no error of the socket. */
function readTarget(target: GatewayTarget | undefined): GatewayTarget | undefined {
  if (target === undefined) return undefined;
  const { url, token } = parseAddress(target.url);
  const address = new URL(url);
  const inQuery = address.searchParams.get("token");
  if (inQuery !== null) address.searchParams.delete("token");
  const secret = target.token || token || inQuery;
  if (!secret) throw new TypeError("the gateway of this proxy has no token");
  const { tlsFingerprint } = target;
  if (tlsFingerprint === undefined) return { url: address.href, token: secret };
  if (address.protocol !== "wss:") throw new TypeError("a TLS fingerprint needs a wss:// or https:// address");
  return { url: address.href, token: secret, tlsFingerprint: normalizeTlsFingerprint(tlsFingerprint) };
}
