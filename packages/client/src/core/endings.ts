import { closeCodes, type GatewayError } from "@openclaw-gateway/protocol/wire";
import { ConnectionError } from "./connection-error.ts";

/** What ends an attempt: the gateway's refusal or the loss of the link. */
export type Failure = GatewayError | ConnectionError;

/** Why a client no longer tries. `lost` only happens to clients that do not reconnect. */
export type StopReason =
  | "closed-by-user"
  | "auth-rejected"
  | "pairing-required"
  | "protocol-mismatch"
  | "refused"
  | "lost";

/** Close codes before `hello-ok` that end the story. After it every close is worth a new attempt. */
const finalCloseCodes: ReadonlyMap<number, StopReason> = new Map<number, StopReason>([
  // No common version: the next attempt would offer the same ones.
  [closeCodes.protocolMismatch, "protocol-mismatch"],
  // The gateway judged who we are; trying again only counts towards its lockout.
  [closeCodes.policy, "auth-rejected"],
]);

/** `error.details.code` of a refused `connect` that a further attempt cannot change. */
const finalDetails: Readonly<Record<string, StopReason>> = {
  // The versions of both sides are what they are.
  PROTOCOL_MISMATCH: "protocol-mismatch",
  CLIENT_VERSION_MISMATCH: "protocol-mismatch",
  // A new page load brings the fitting build.
  CONTROL_UI_BUILD_MISMATCH: "protocol-mismatch",
  // Somebody has to approve first.
  PAIRING_REQUIRED: "pairing-required",
  // Nothing that identifies us was sent.
  DEVICE_IDENTITY_REQUIRED: "auth-rejected",
  CONTROL_UI_DEVICE_IDENTITY_REQUIRED: "auth-rejected",
  // A safer line is needed, not another attempt on this one.
  DEVICE_AUTH_INSECURE_TRANSPORT: "refused",
  // The page was served by somebody the gateway does not trust.
  CONTROL_UI_ORIGIN_NOT_ALLOWED: "refused",
};

/** Texts of gateways that send no details (protocol 3); also the reasons of their close frames. */
const finalTexts: readonly (readonly [prefix: string, StopReason])[] = [
  ["protocol mismatch", "protocol-mismatch"],
  ["pairing required", "pairing-required"],
  ["unauthorized", "auth-rejected"],
  ["device identity required", "auth-rejected"],
  ["invalid connect params", "refused"],
  ["invalid role", "refused"],
  ["origin not allowed", "refused"],
  ["control ui requires", "refused"],
];

/** Whether a failure before `hello-ok` ends the story, and how; undefined when another attempt makes sense. */
export function whyFinal(error: Failure): StopReason | undefined {
  if (error instanceof ConnectionError) {
    // Another peer than the pinned one answers: a person has to look.
    if (error.reason === "untrusted") return "refused";
    const byCode = error.closeCode === undefined ? undefined : finalCloseCodes.get(error.closeCode);
    return byCode === "auth-rejected" ? (byText(error.message) ?? byCode) : byCode;
  }
  const { details, retryable } = error.wire;
  const code = details?.["code"];
  if (details?.["pauseReconnect"] === false || details?.["recommendedNextStep"] === "wait_then_retry") return undefined;
  if (typeof code === "string") {
    if (Object.hasOwn(finalDetails, code)) return finalDetails[code];
    // A credential does not become right by repeating it.
    if (code.startsWith("AUTH_")) return "auth-rejected";
  }
  if (retryable === true) return undefined;
  const known = byText(error.message);
  if (known !== undefined) return known;
  return error.code === "NOT_PAIRED" ? "pairing-required" : undefined;
}

function byText(message: string): StopReason | undefined {
  return finalTexts.find(([prefix]) => message.startsWith(prefix))?.[1];
}
