import { closeCodes } from "@openclaw-gateway/protocol";
import type { Peer, Transport, TransportListener } from "../transport/transport.ts";
import { type Connection, type ConnectionDeps, createConnection, type Member } from "./connection.ts";
import { createWaitingRoom } from "./waiting-room.ts";

/** Every open connection: counts them, finds dead ones, closes them all. */
export function createHub(
  deps: ConnectionDeps & {
    tickIntervalMs: number;
    /** A socket had to give way before it had finished its handshake. */
    onDropped(peer: Peer): void;
  },
) {
  const { clock, tickIntervalMs } = deps;
  const connections = new Set<Connection>();
  const waiting = createWaitingRoom();

  return {
    get size() {
      return connections.size;
    },
    open: (peer: Peer, connect: (listener: TransportListener) => Transport): Connection => {
      const seat = {
        get isSilent() {
          return connection.isSilent;
        },
        drop: () => {
          deps.onDropped(peer);
          connection.transport.terminate();
        },
      };
      const settle = (): void => waiting.leave(peer.address, seat);
      const onReady = (member: Member): void => {
        settle();
        deps.onReady(member);
      };
      const connection = createConnection({ ...deps, onReady }, peer, (listener) =>
        connect({
          ...listener,
          onClose: (code, reason) => {
            settle();
            connections.delete(connection);
            listener.onClose(code, reason);
          },
        }),
      );
      // Links inside the process are nobody's flood.
      if (peer.address !== "memory") waiting.enter(peer.address, !peer.isLoopback, seat);
      connections.add(connection);
      return connection;
    },
    get: (id: string): Connection | undefined => {
      for (const connection of connections) {
        if (connection.id === id) return connection;
      }
      return undefined;
    },
    /** Closes every connection whose access has ended. */
    endSessions: (isOver: (member: Member) => boolean, reason: string): void => {
      for (const connection of connections) {
        const { member } = connection;
        if (member && isOver(member)) connection.stop(closeCodes.policy, reason);
      }
    },
    /** Devices that have a connection now. */
    connectedDevices: (): ReadonlySet<string> => {
      const ids = new Set<string>();
      for (const { member, isReady } of connections) {
        if (isReady && member?.principal.deviceId !== undefined) ids.add(member.principal.deviceId);
      }
      return ids;
    },
    /** Asks every peer for a sign of life and drops those that gave none for two intervals. */
    checkLiveness: (): void => {
      const deadline = clock.now() - 2 * tickIntervalMs;
      for (const connection of connections) {
        if (connection.isReady && connection.lastHeardMs < deadline) connection.transport.terminate();
        else connection.transport.ping();
      }
    },
    /** Closes everything with the restart code and waits a moment for the other ends. */
    closeAll: async (graceMs: number): Promise<void> => {
      for (const connection of connections) connection.stop(closeCodes.restart, "service restart");
      const deadline = clock.now() + graceMs;
      while (connections.size > 0 && clock.now() < deadline) {
        await new Promise<void>((resolve) => void setTimeout(resolve, 10));
      }
      for (const connection of connections) connection.transport.terminate();
    },
  };
}
