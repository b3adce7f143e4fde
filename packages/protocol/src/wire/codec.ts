import { insideMethods } from "../catalog.ts";
import type { HelloOk } from "../connect.ts";
import type { EventSpec, MethodSpec, ProtocolVersion } from "../define.ts";
import type { WireError } from "../errors.ts";
import type { DecodedRequest, FrameForm } from "./frames.ts";
import type { EnumWords } from "./grammar.ts";
import { dialect1, dialect1Long } from "./v1/codec.ts";
import { dialect3 } from "./v3/codec.ts";
import { dialect4 } from "./v4/codec.ts";

/** How one protocol version puts the neutral shapes on the wire. */
export interface Dialect {
  readonly version: ProtocolVersion;
  readonly frames: FrameForm;
  /** What clients of this version may call, by wire name. */
  readonly methods: ReadonlyMap<string, MethodSpec>;
  readonly events: ReadonlyMap<string, EventSpec>;
  /** Events that are called otherwise here, with all their names. */
  readonly eventNames: Readonly<Record<string, readonly string[]>>;
  /** Whether unknown parameters are refused (and named) or dropped. */
  readonly strictParams: boolean;
  /** How validation errors speak of enumerations. */
  readonly enumWords: EnumWords;
  /** Whether tool events are shown only in sessions whose `verboseLevel` asks for them. */
  readonly toolEventsFollowVerbose: boolean;
  /** What clients of this version mean when they leave a parameter out, by method. */
  readonly defaultParams: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  decodeRequest(value: unknown): DecodedRequest;
  /** `connect` parameters in the neutral shape, not validated yet. */
  decodeConnect(params: unknown): DecodedConnect;
  encodeHello(hello: HelloOk): unknown;
  encodeError(error: WireError): WireError;
  /** The answer of a method as this version knows it. */
  encodeResult(method: string, payload: unknown): unknown;
  /** The event as this version knows it, or undefined when this version has no such form of it. */
  encodeEvent(event: string, payload: unknown): WireEvent | undefined;
}

export type WireEvent = { event: string; payload: unknown };

export type DecodedConnect = {
  params: unknown;
  /** What a device signs where that is not what `params` say. */
  signed?: SignedNames;
};

export type SignedNames = {
  clientId: string;
  clientMode: string;
  /** The nonce of the challenge may stand in the place of the token; that binds the signature to the connection as well. */
  nonceAsToken: true;
};

/** Newest first: the best common version is the first that fits. */
export const dialects: readonly Dialect[] = [dialect4, dialect3, dialect1, dialect1Long];

/** What entrances other than sockets call in: the newest protocol, and beside it what no protocol has. */
export const insideDialect: Dialect = {
  ...dialect4,
  methods: new Map<string, MethodSpec>([...dialect4.methods, ...Object.entries<MethodSpec>(insideMethods)]),
};

export const servedProtocols: readonly ProtocolVersion[] = [...new Set(dialects.map(({ version }) => version))];

/** The dialect to read frames in before `connect` has chosen one: the newest that writes requests so. */
export function dialectOfFrame(frame: unknown): Dialect {
  const { type } = (frame ?? {}) as { type?: unknown };
  return dialects.find(({ frames }) => frames.request === type) ?? dialect4;
}

/** The newest dialect within the client's range that has its form of frames, or undefined when there is none. */
export function negotiate(
  minProtocol: number,
  maxProtocol: number,
  frames: FrameForm = dialect4.frames,
): Dialect | undefined {
  return dialects.find(
    (dialect) => dialect.frames === frames && minProtocol <= dialect.version && dialect.version <= maxProtocol,
  );
}

/** The dialect to read `connect` parameters in, and to refuse them in: the one their range asks for, else the newest. */
export function dialectOfConnect(params: unknown, frames: FrameForm = dialect4.frames): Dialect {
  const { minProtocol, maxProtocol } = (params ?? {}) as { minProtocol?: unknown; maxProtocol?: unknown };
  const asked =
    typeof minProtocol === "number" && typeof maxProtocol === "number"
      ? negotiate(minProtocol, maxProtocol, frames)
      : undefined;
  return asked ?? dialects.find((dialect) => dialect.frames === frames) ?? dialect4;
}
