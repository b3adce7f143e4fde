import { createNodeClient, createWsOpener } from "@openclaw-gateway/client";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import type { Scope } from "@openclaw-gateway/protocol/wire";
import { gatewayVersion } from "@openclaw-gateway/server/installation";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { CommandError } from "../exit-codes.ts";
import { parseDuration } from "../output/time.ts";
import { traceSocket } from "./debug-socket.ts";
import { type Endpoint, resolveEndpoint } from "./endpoint.ts";
import { toCommandError } from "./failure.ts";
import { readInstallation, withFlags } from "./installation.ts";

type ConnectOptions = {
  /** Long-lived commands stay through a restart of the gateway. */
  reconnect?: boolean;
  caps?: readonly string[];
  /** For the connection and for each request; default 10 s and 30 s. */
  timeoutMs?: number | undefined;
};

const scopes: readonly Scope[] = ["operator.admin", "operator.read", "operator.write"];

/** Where the options, the environment and the files lead to. */
export async function findEndpoint(context: CommandContext, options: GlobalOptions): Promise<Endpoint> {
  const environment = withFlags(context.environment, options);
  const installation = await readInstallation(environment);
  if (installation.problem !== undefined)
    context.err(`${context.errStyle.yellow("warning:")} ${installation.problem}\n`);
  return resolveEndpoint(options, environment, installation);
}

/** Connects, works, closes. Whatever fails comes out as a `CommandError` that says what to do. */
export async function withGateway<T>(
  context: CommandContext,
  options: GlobalOptions,
  work: (client: GatewayClient, endpoint: Endpoint) => Promise<T>,
  { reconnect = false, caps, timeoutMs = readTimeout(options, "ms") }: ConnectOptions = {},
): Promise<T> {
  const endpoint = await findEndpoint(context, options);
  const { url, token, password, tlsFingerprint } = endpoint;
  const openSocket = createWsOpener({ tlsFingerprint });
  const client = createNodeClient({
    url,
    token,
    password,
    reconnect,
    scopes,
    client: { id: "cli", mode: "cli", version: gatewayVersion },
    ...(caps === undefined ? {} : { caps }),
    ...(timeoutMs === undefined ? {} : { connectTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs }),
    openSocket: context.isDebugging ? traceSocket(openSocket, debug(context)) : openSocket,
  });
  try {
    await client.connect();
    return await work(client, endpoint);
  } catch (error) {
    throw toCommandError(error, { endpoint, invocation: context.invocation });
  } finally {
    await client.close();
  }
}

export const debug =
  ({ err, errStyle }: CommandContext) =>
  (line: string): void =>
    err(`${errStyle.dim(`openclaw ${line}`)}\n`);

/** `--timeout` in milliseconds; a bare number counts in `bareUnit`. */
export function readTimeout({ timeout }: GlobalOptions, bareUnit: "ms" | "s"): number | undefined {
  if (timeout === undefined) return undefined;
  const ms = parseDuration(timeout, bareUnit);
  if (ms !== undefined) return ms;
  throw new CommandError("usage", `--timeout: not a length of time: ${timeout}`, {
    fix: "write it as 500ms, 30s or 2m",
  });
}
