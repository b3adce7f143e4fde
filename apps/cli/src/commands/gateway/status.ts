import { isLoopback } from "../../connection/endpoint.ts";
import { findEndpoint, readTimeout, withGateway } from "../../connection/gateway.ts";
import { type Readiness, readReadiness } from "../../connection/probe.ts";
import type { CommandContext, GlobalOptions } from "../../context.ts";
import { CommandError, exitCodes } from "../../exit-codes.ts";
import { printJson } from "../../output/json.ts";
import { formatFields } from "../../output/table.ts";
import { formatDuration } from "../../output/time.ts";

const defaultTimeoutMs = 5_000;

/** Whether a gateway answers, what its parts are doing and who is connected. */
export async function showStatus(context: CommandContext, options: GlobalOptions): Promise<number> {
  const timeoutMs = readTimeout(options, "ms") ?? defaultTimeoutMs;
  const endpoint = await findEndpoint({ ...context, err: () => {} }, options);
  const { url } = endpoint;
  const [readiness, asked] = await Promise.all([
    readReadiness(endpoint, timeoutMs),
    askGateway(context, options, timeoutMs),
  ]);
  const failure = asked instanceof CommandError ? asked : undefined;
  const gateway = asked instanceof CommandError ? undefined : asked;
  const isRunning = gateway !== undefined || readiness !== undefined;
  const isReady = readiness?.ready ?? gateway !== undefined;

  if (options.json) {
    printJson(context, {
      running: isRunning,
      ready: isReady,
      url,
      ...gateway,
      ...(readiness === undefined ? {} : { parts: readiness.parts }),
      ...(failure === undefined ? {} : { error: { reason: failure.reason, message: failure.message } }),
    });
  } else {
    const { style } = context;
    const state = !isRunning
      ? style.red("not running")
      : isReady
        ? style.green("running")
        : style.yellow("running, not ready");
    context.out(
      formatFields({
        gateway: `${state} at ${url}`,
        version: gateway && `${gateway.version} (protocol ${gateway.protocol})`,
        "up for": gateway && formatDuration(gateway.uptimeMs),
        parts: readiness && partsLine(readiness),
        auth: gateway?.authMode,
        tls: gateway && (gateway.tlsFingerprint === undefined ? "off" : `sha256:${gateway.tlsFingerprint}`),
        agents: gateway && `${gateway.agents} (default ${gateway.defaultAgentId})`,
        sessions: gateway && String(gateway.sessions),
        clients: gateway && String(gateway.clients),
        state: gateway?.stateDir,
        config: gateway?.configPath,
        dashboard: gateway && isLoopback(url) ? `${context.invocation} gateway token --url` : undefined,
      }),
    );
  }
  if (failure !== undefined) throw failure;
  return isReady ? exitCodes.done.code : exitCodes.failed.code;
}

async function askGateway(context: CommandContext, options: GlobalOptions, timeoutMs: number) {
  try {
    return await withGateway(
      context,
      options,
      async (client) => {
        const { hello } = client;
        const [status, presence, agents] = await Promise.all([
          client.request("status"),
          client.request("system-presence"),
          client.request("agents.list"),
        ]);
        return {
          version: hello?.server.version ?? "unknown",
          protocol: hello?.protocol ?? 0,
          ...(hello?.server.tlsFingerprint === undefined ? {} : { tlsFingerprint: hello.server.tlsFingerprint }),
          uptimeMs: hello?.snapshot.uptimeMs ?? 0,
          authMode: hello?.snapshot.authMode,
          stateDir: hello?.snapshot.stateDir,
          configPath: hello?.snapshot.configPath,
          agents: agents.agents.length,
          defaultAgentId: agents.defaultId,
          sessions: status.sessions.count,
          // The gateway lists itself, and this command is a client, too.
          clients: presence.filter(({ mode, reason }) => mode !== "gateway" && reason !== "disconnect").length,
        };
      },
      { timeoutMs },
    );
  } catch (error) {
    if (error instanceof CommandError && error.reason !== "usage") return error;
    throw error;
  }
}

function partsLine({ parts }: Readiness): string {
  const names = Object.entries(parts).map(
    ([name, { state, reason }]) => `${name} ${state}${reason === undefined ? "" : ` (${reason})`}`,
  );
  return names.length === 0 ? "none" : names.join(", ");
}
