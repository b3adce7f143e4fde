import { GatewayError, methodGroups } from "@openclaw-gateway/protocol";
import { type CallerConnection, implement } from "../../rpc/handler.ts";
import type { Daemons } from "./daemon-runtime.ts";

export function createDaemonMethods({
  serve,
  report,
  drop,
  grantedAgents,
}: Pick<Daemons, "serve" | "report" | "drop"> & {
  /** Agents that a device was approved for by name. */
  grantedAgents: (deviceId: string) => Promise<readonly string[]>;
}) {
  /** Connections that are watched for their end already. */
  const watched = new Set<string>();

  function watch(id: string, signal: AbortSignal): void {
    if (watched.has(id)) return;
    watched.add(id);
    const end = (): void => {
      watched.delete(id);
      drop(id);
    };
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  }

  return implement(methodGroups.daemons, {
    "agent.serve": async ({ agentIds }, { connection, principal, signal }) => {
      const { id: connectionId } = onConnection(connection);
      const { deviceId } = principal;
      const approvedFor = deviceId === undefined ? [] : await grantedAgents(deviceId);
      serve({ connectionId, principal, approvedFor }, agentIds);
      watch(connectionId, signal);
      return { agentIds };
    },
    "agent.turn.report": async (params, { connection }) => ({
      state: await report(onConnection(connection).id, params),
    }),
  });
}

function onConnection(connection: CallerConnection | undefined): CallerConnection {
  if (connection) return connection;
  throw new GatewayError("INVALID_REQUEST", "a daemon serves agents over a connection of its own");
}
