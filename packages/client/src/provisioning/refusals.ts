import { GatewayError } from "@openclaw-gateway/protocol/wire";

/** What gateways of every version say when they refuse; one code has many causes, so the text tells. */
const said =
  (pattern: RegExp) =>
  (error: unknown): boolean =>
    error instanceof GatewayError && pattern.test(error.message);

export const isAlreadyThere = said(/already exists?|duplicate|conflict/i);
export const isAgentNotFound = said(/agent\b.*\bnot found|unknown agent/is);
/** Of sessions and files. */
export const isNotFound = said(/not found|no such|unknown session/i);
export const isUnknownMethod = said(/unknown method/i);
export const isUnsupportedFile = said(/unsupported file/i);
export const isLabelInUse = said(/label already in use/i);
/** Somebody else changed the configuration since it was read. */
export const isStaleHash = said(/config changed since last load|base ?hash (required|mismatch)/i);
