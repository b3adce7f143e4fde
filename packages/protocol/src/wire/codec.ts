import type { HelloOk } from "../connect.ts";
import type { EventSpec, MethodSpec } from "../define.ts";
import type { WireError } from "../errors.ts";
import type { DecodedRequest } from "./frames.ts";
import type { EnumWords } from "./grammar.ts";
import { dialect3 } from "./v3/codec.ts";
import { dialect4 } from "./v4/codec.ts";

/** How one protocol version puts the neutral shapes on the wire. */
export interface Dialect {
  readonly version: 3 | 4;
  /** What clients of this version may call, by wire name. */
  readonly methods: ReadonlyMap<string, MethodSpec>;
  readonly events: ReadonlyMap<string, EventSpec>;
  /** Whether unknown parameters are refused (and named) or dropped. */
  readonly strictParams: boolean;
  /** How validation errors speak of enumerations. */
  readonly enumWords: EnumWords;
  /** Whether tool events are shown only in sessions whose `verboseLevel` asks for them. */
  readonly toolEventsFollowVerbose: boolean;
  decodeRequest(value: unknown): DecodedRequest;
  encodeHello(hello: HelloOk): unknown;
  encodeError(error: WireError): WireError;
  /** The answer of a method as this version knows it. */
  encodeResult(method: string, payload: unknown): unknown;
  /** The payload as this version knows it, or undefined when this version has no such form of the event. */
  encodeEvent(event: string, payload: unknown): unknown;
}

/** Newest first: the best common version is the first that fits. */
export const dialects: readonly Dialect[] = [dialect4, dialect3];

export const servedProtocols = { min: 3, max: 4 } as const;

/** The newest dialect within the client's range, or undefined when there is none. */
export function negotiate(minProtocol: number, maxProtocol: number): Dialect | undefined {
  return dialects.find(({ version }) => minProtocol <= version && version <= maxProtocol);
}

/** The dialect to refuse malformed `connect` parameters in: the one their range asks for, else the newest. */
export function dialectToRefuseIn(params: unknown): Dialect {
  const { minProtocol, maxProtocol } = (params ?? {}) as { minProtocol?: unknown; maxProtocol?: unknown };
  const asked =
    typeof minProtocol === "number" && typeof maxProtocol === "number"
      ? negotiate(minProtocol, maxProtocol)
      : undefined;
  return asked ?? dialect4;
}
