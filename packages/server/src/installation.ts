// Entry `./installation`: what a program beside the gateway needs to know of an installation. Loads no schema, no server.
export { type Environment, expandPath, resolveStatePaths, type StatePaths } from "./config/paths.ts";
export { substituteEnvironment } from "./config/substitute.ts";
export { isSecretName, redactText, redactValue } from "./platform/redaction.ts";
export { exitCodes as gatewayExitCodes } from "./platform/exit-codes.ts";
export { gatewayVersion } from "./version.ts";
