import type { Scope } from "@openclaw-gateway/protocol/wire";
import type { Clock } from "../core/index.ts";
import type { ProxyEvent } from "./events.ts";
import type { OpenGateway } from "./socket.ts";

/** The gateway behind a proxy, and the token that lets the proxy in. */
export type GatewayTarget = {
  /** `ws:`, `wss:`, `http:` or `https:` with any path. */
  url: string;
  token: string;
  /** SHA-256 of the gateway's certificate, where this machine does not trust it otherwise. */
  tlsFingerprint?: string;
};

/** What somebody who was let in may do. */
export type Admission = {
  /** The most that the page may hold; default: the proxy's own `scopes`. */
  scopes?: readonly Scope[];
  /** Only these sessions, by any of their keys. */
  sessions?: readonly string[];
  /** Only sessions of these agents. */
  agents?: readonly string[];
};

/** Decides about an upgrade request, by its cookies for example: not at all, as the proxy allows, or narrower. */
export type Authorize = (request: Request) => boolean | Admission | Promise<boolean | Admission>;

/** Finds the gateway of a request; undefined when none is configured. */
export type FindGateway = (request: Request) => GatewayTarget | undefined | Promise<GatewayTarget | undefined>;

/** Times are milliseconds. */
export type GatewayProxyOptions = {
  /** Default: `OPENCLAW_GATEWAY_URL` and `OPENCLAW_GATEWAY_TOKEN` (or `OPENCLAW_AUTH_TOKEN`). */
  gateway?: GatewayTarget | FindGateway;
  /** Asked after the origin was found right. Default: everybody. */
  authorize?: Authorize;
  /** Origins of pages, such as `https://app.example.com`, beside the one that the request was sent to. */
  allowedOrigins?: readonly string[];
  /** Whether clients that send no `Origin`, which browsers always do, are refused. Default: true. */
  requiresOrigin?: boolean;
  /** The most that a page may hold. Default: `operator.read` and `operator.write`. */
  scopes?: readonly Scope[];
  /** Pages at a time. Default: 1000. */
  maxConnections?: number;
  /** Bytes of one message. Default: 25 MiB. */
  maxFrameBytes?: number;
  /** Bytes that may wait for a slow reader before its writer is paused. Default: 1 MiB. */
  maxBufferedBytes?: number;
  /** For each hook, for the page's `connect`, and for the gateway to answer the upgrade. Default: 10000. */
  handshakeTimeoutMs?: number;
  /** How long somebody may not read before the link is closed. Default: 30000. */
  slowReaderTimeoutMs?: number;
  /** How often both ends are asked for a sign of life. Default: 30000. */
  keepAliveMs?: number;
  /** Told of each link and each refusal; nothing in it is secret. */
  onEvent?: (event: ProxyEvent) => void;
  clock?: Clock;
  /** How the gateway is reached. Default: the WebSocket of `ws`. */
  openGateway?: OpenGateway;
};
