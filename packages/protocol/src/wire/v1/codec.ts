import type { HelloOk } from "../../connect.ts";
import type { Dialect } from "../codec.ts";
import { decodeRequest, type FrameForm, shortFrames } from "../frames.ts";
import { readConnect } from "./connect.ts";
import { eventNames1, renameEvent } from "./events.ts";
import { longFrames } from "./frames.ts";
import { events1, methods1 } from "./registry.ts";

const dialectIn = (frames: FrameForm): Dialect => ({
  version: 1,
  frames,
  methods: methods1,
  events: events1,
  eventNames: eventNames1,
  strictParams: false,
  enumWords: "allowed-values",
  toolEventsFollowVerbose: true,
  defaultParams: new Map(),
  decodeRequest: (value) => decodeRequest(value, undefined, frames),
  decodeConnect: readConnect,
  encodeHello,
  encodeError: (error) => (error.code === "FORBIDDEN" ? { ...error, code: "INVALID_REQUEST" } : error),
  encodeResult: (_method, payload) => payload,
  encodeEvent: renameEvent,
});

/** Protocol 1 with requests called `req`. */
export const dialect1 = dialectIn(shortFrames);
/** Protocol 1 with requests called `request`. */
export const dialect1Long = dialectIn(longFrames);

/** Beside what every version is told, what this one looks for. */
function encodeHello(hello: HelloOk): unknown {
  const events = hello.features.events.flatMap((name) => eventNames1[name] ?? [name]);
  return {
    ...hello,
    event: "hello-ok",
    protocolVersion: hello.protocol,
    serverVersion: hello.server.version,
    capabilities: hello.features.methods,
    features: { ...hello.features, events },
  };
}
