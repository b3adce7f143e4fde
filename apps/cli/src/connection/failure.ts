import { ConnectionError } from "@openclaw-gateway/client/core";
import { GatewayError } from "@openclaw-gateway/protocol/wire";
import { plainLine } from "../output/plain.ts";
import { formatDuration } from "../output/time.ts";
import { CommandError, type ExitReason } from "../exit-codes.ts";
import type { Endpoint } from "./endpoint.ts";

type Where = { endpoint: Endpoint; invocation: string };

/** Says what a failed connection or request means for the person at the terminal. */
export function toCommandError(error: unknown, where: Where): Error {
  if (error instanceof CommandError) return error;
  if (error instanceof GatewayError) return fromGateway(error, where);
  if (error instanceof ConnectionError) return fromConnection(error, where);
  return error instanceof Error ? error : new Error(String(error));
}

function fromConnection(error: ConnectionError, where: Where): CommandError {
  const { url, urlSource } = where.endpoint;
  const failed = (reason: ExitReason, message: string, fix?: string): CommandError =>
    new CommandError(reason, message, { fix, cause: error });
  const start = where.endpoint.isOwn
    ? `start it with: ${where.invocation} gateway run`
    : `check the address (from ${urlSource})`;
  const text = plainLine(error.message);
  const status = /Unexpected server response: (\d+)/.exec(text)?.[1];
  if (status !== undefined) {
    return failed("unreachable", `what answers at ${url} is not ready or not a gateway (HTTP ${status})`, start);
  }
  if (/ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOENT/.test(text)) {
    return failed("unreachable", `no gateway is running at ${url}`, start);
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text))
    return failed("unreachable", `the host of ${url} is not known`, `check the address (from ${urlSource})`);
  switch (error.reason) {
    case "timeout":
      return failed("timeout", `${text} (${url})`, "raise --timeout, or look at: gateway status");
    case "untrusted":
      return failed(
        "unauthorized",
        text,
        "if the gateway has a new certificate, compare its fingerprint on the gateway's machine and pass it with --tls-fingerprint",
      );
    case "aborted":
      return failed("interrupted", "interrupted");
    case "unsupported-method":
    case "too-large":
      return failed("failed", text);
    case "closed":
      // Refused without an answer: protocol-3 gateways close with the reason only.
      if (text.startsWith("unauthorized")) return unauthorized(text, where, error);
      return failed(
        "unreachable",
        `the connection to ${url} was lost: ${text}`,
        "the gateway may be restarting; try again",
      );
    default:
      return error.reason satisfies never;
  }
}

function fromGateway(error: GatewayError, where: Where): CommandError {
  const { code, details, retryAfterMs } = { code: error.code, ...error.wire };
  const text = plainLine(error.message);
  const detail = details?.["code"];
  if (detail === "AUTH_RATE_LIMITED") {
    const wait = retryAfterMs === undefined ? "later" : `in ${formatDuration(retryAfterMs)}`;
    const message = "too many failed attempts: the gateway accepts no credentials for a while";
    return new CommandError("unauthorized", message, { fix: `try again ${wait}`, cause: error });
  }
  if (/^unauthorized|^device identity required/.test(text)) return unauthorized(text, where, error);
  if (code === "FORBIDDEN" || text.startsWith("missing scope")) {
    return new CommandError("unauthorized", text, {
      fix: "connect with a token that has this permission",
      cause: error,
    });
  }
  if (code === "NOT_PAIRED") {
    return new CommandError("unauthorized", text, { fix: "approve this device on the gateway first", cause: error });
  }
  if (detail === "PROTOCOL_MISMATCH" || text === "protocol mismatch") {
    const fix = "install the same version on both sides";
    return new CommandError("failed", "this program and the gateway speak different protocol versions", {
      fix,
      cause: error,
    });
  }
  if (text.startsWith("unknown method")) {
    return new CommandError("failed", text, { fix: "docs/protocol/methods.md lists the methods", cause: error });
  }
  if (error.wire.retryable === true) {
    const wait = retryAfterMs === undefined ? "try again" : `try again in ${formatDuration(retryAfterMs)}`;
    return new CommandError("failed", text, { fix: wait, cause: error });
  }
  return new CommandError("failed", text, { cause: error });
}

function unauthorized(text: string, { endpoint, invocation }: Where, cause: Error): CommandError {
  const wants = /password/.test(text) ? "password" : "token";
  const { credentialSource } = endpoint;
  const given = wants === "password" ? endpoint.password : endpoint.token;
  if (given === undefined) {
    const fix =
      wants === "password"
        ? "pass --password or set OPENCLAW_GATEWAY_PASSWORD"
        : `pass --token or set OPENCLAW_GATEWAY_TOKEN; on the gateway's machine it is: ${invocation} gateway token`;
    return new CommandError("unauthorized", `the gateway at ${endpoint.url} wants a ${wants} and none was given`, {
      fix,
      cause,
    });
  }
  const message = `the gateway at ${endpoint.url} refused the ${wants} from ${credentialSource ?? "an unknown source"}`;
  const fix =
    wants === "password"
      ? "pass the right one with --password"
      : `pass the right one with --token; on the gateway's machine it is: ${invocation} gateway token`;
  return new CommandError("unauthorized", message, { fix, cause });
}
