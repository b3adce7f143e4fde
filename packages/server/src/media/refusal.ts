import { GatewayError } from "@openclaw-gateway/protocol";

/** What is wrong with a part of a request. `at` is where it stands there. */
export const refuseMedia = (at: string, why: string, cause?: unknown): GatewayError =>
  new GatewayError("INVALID_REQUEST", `${at}: ${why}`, { details: { field: at }, cause });
