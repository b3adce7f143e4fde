import type { ConnectRequest } from "@openclaw-gateway/protocol";
import type { DeviceAuthClaims, Role, Scope } from "@openclaw-gateway/protocol/wire";
import type { Clock } from "./clock.ts";
import type { OpenSocket } from "./socket.ts";

/** Who the client says it is; `id` and `mode` are closed lists on the wire. */
export type ClientIdentity = Partial<ConnectRequest["client"]>;

/** The `device` member of `connect`: a public key and its signature over the challenge. */
export type SignedDevice = NonNullable<ConnectRequest["device"]>;

/** Everything a device signs except its own id (`deviceAuthPayload` makes the string). */
export type DeviceChallenge = Omit<DeviceAuthClaims, "deviceId">;

/**
 * Where the token that a gateway gives to a paired device is kept. A kept token is shown in the place of `token` and
 * `password`; when it is refused it is dropped and these are shown, at once.
 */
export type DeviceTokens = {
  read(): Promise<string | undefined> | string | undefined;
  /** The gateway gave a token that is not the one it was shown. */
  keep(token: string): Promise<void> | void;
  drop(): Promise<void> | void;
};

/** First delay and longest delay between two attempts, in milliseconds; each attempt doubles it. */
export type ReconnectDelays = { minDelayMs?: number; maxDelayMs?: number };

/** What a client needs to know. Times are milliseconds. */
export type ClientOptions = {
  /** `ws:`, `wss:`, `http:` or `https:` with any path, or a bare `host:port`. A `#token=` fragment is taken as `token`. */
  url: string;
  token?: string | undefined;
  password?: string | undefined;
  /** Token issued to this device by an earlier `hello-ok`. */
  deviceToken?: string | undefined;
  /** A one-time code that pairs this device. */
  bootstrapToken?: string | undefined;
  /** Default: `gateway-client` in mode `backend`. */
  client?: ClientIdentity;
  /** Default: `operator`. */
  role?: Role;
  /** Default: left out, which an operator's gateway reads as `operator.admin`. */
  scopes?: readonly Scope[];
  /** Optional event families, such as `tool-events`. */
  caps?: readonly string[];
  /** Commands a node offers. */
  commands?: readonly string[];
  permissions?: Readonly<Record<string, boolean>>;
  locale?: string;
  userAgent?: string;
  /** Default: 3. */
  minProtocol?: number;
  /** Default: 4. */
  maxProtocol?: number;
  /** For `connect()`, for opening a socket and for the answer to `connect`. Default: 10000. */
  connectTimeoutMs?: number;
  /** From the open socket to `connect.challenge`. Default: 15000. */
  challengeTimeoutMs?: number;
  /** From the call to the answer, holding included. Default: 30000. */
  requestTimeoutMs?: number;
  /** Whether a lost link is opened again. Default: true, after 1 s, doubling to 30 s, with jitter. */
  reconnect?: boolean | ReconnectDelays;
  /** Whether a first connection that fails is tried again, too, while `reconnect` is on. Default: true. */
  retryFirstConnect?: boolean;
  /**
   * Sends `connect` as soon as the link is open instead of after `connect.challenge`, for a proxy that adds the credential.
   * Not together with `signDevice`, which signs the challenge. Default: false.
   */
  connectsFirst?: boolean;
  /** Proves the key of a device for each connection attempt. */
  signDevice?: (challenge: DeviceChallenge) => Promise<SignedDevice> | SignedDevice;
  /** What this gateway gave to the device; of use with `signDevice` only. */
  deviceTokens?: DeviceTokens;
  clock?: Clock;
  /** Between 0 and 1, for the jitter. */
  random?: () => number;
  openSocket: OpenSocket;
  /**
   * First protocol version that has a method. Asked only when the gateway speaks an older version than this client, to
   * refuse locally what it cannot know.
   */
  methodSince?: (method: string) => Promise<number | undefined>;
};

/** Options of one request. Times are milliseconds. */
export type RequestOptions<Accepted = unknown> = {
  /** `Infinity` waits until the link is lost. After `accepted`, only an explicit timeout still runs. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Called with the first answer of a two-phase method. */
  onAccepted?(accepted: Accepted): void;
};
