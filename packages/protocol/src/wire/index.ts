// Entry `./wire`: the values a client needs at run time. Nothing here loads a schema, so nothing here loads zod.
export { type DeviceAuthClaims, deviceAuthPayload } from "../device-auth.ts";
export { closeCodes, type ErrorCode, errorCodes, GatewayError, type WireError } from "../errors.ts";
export { limits } from "../limits.ts";
export { hasScope, isScope, type Role, roles, type Scope, scopes } from "../scopes.ts";
export { canonicalSessionKey, mainSessionKey, type SessionKeyDefaults } from "../session-keys.ts";
export { streamPositionsCap } from "./caps.ts";
export type { EventFrame, EventPosition, Frame, RequestFrame, ResponseFrame } from "./frames.ts";
export { quoteWord, showArgv, showCommand } from "../show-command.ts";
