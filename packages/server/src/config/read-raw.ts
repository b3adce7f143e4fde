import { GatewayError } from "@openclaw-gateway/protocol";
import JSON5 from "json5";

/** What a client has written as JSON5. Throws what the parser says, in the recorded words. */
export function readRaw(raw: string): unknown {
  try {
    return JSON5.parse(raw);
  } catch (error) {
    throw new GatewayError("INVALID_REQUEST", String(error));
  }
}
