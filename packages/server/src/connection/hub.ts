import { closeCodes } from "@openclaw-gateway/protocol";
import { createLastingId } from "../platform/lasting-id.ts";
import { createQueueOf } from "../platform/queue-of.ts";
import type { Peer, QuietLink, Transport, TransportListener } from "../transport/transport.ts";
import {
  challengeOf,
  type Connection,
  type ConnectionDeps,
  createConnection,
  type Greeting,
  type Member,
} from "./connection.ts";
import { createLobby } from "./lobby.ts";
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
  const connections = createQueueOf<Connection>();
  const waiting = createWaitingRoom(clock);
  const lobby = createLobby(clock);

  function connect(
    peer: Peer,
    attach: (listener: TransportListener) => Transport,
    settled: () => void = () => {},
    greeting?: Greeting,
  ): Connection {
    const onReady = (member: Member): void => {
      settled();
      deps.onReady(member);
    };
    const connection = createConnection(
      { ...deps, onReady },
      peer,
      (listener) =>
        attach({
          ...listener,
          onClose: (code, reason) => {
            settled();
            leave();
            listener.onClose(code, reason);
          },
        }),
      greeting,
    );
    const leave = connections.add(connection);
    return connection;
  }

  return {
    get size() {
      return connections.size;
    },
    /** Opens a link inside the process, which is nobody's flood. */
    open: (peer: Peer, attach: (listener: TransportListener) => Transport): Connection => connect(peer, attach),
    /** Lets a socket in. Before it speaks nothing is kept of it but its place. */
    admit: (peer: Peer, link: QuietLink): void => {
      const now = clock.now();
      const greeting = { nonce: createLastingId(), deadlineMs: now + deps.handshakeTimeoutMs() };
      let connection: Connection | undefined;
      const settled = waiting.enter(peer.address, !peer.isLoopback, {
        get isSilent() {
          return connection?.isSilent ?? true;
        },
        drop: () => {
          deps.onDropped(peer);
          (connection?.transport ?? link).terminate();
        },
      });
      const wake = (): void => {
        leave();
        connection = connect(peer, link.wake, settled, greeting);
      };
      const leave = lobby.enter({ deadlineMs: greeting.deadlineMs, wake });
      link.send(challengeOf(greeting.nonce, now));
      link.listen({
        onSpeaking: wake,
        onGone: () => {
          leave();
          settled();
        },
      });
    },
    get: (id: string): Connection | undefined => connections.find((connection) => connection.id === id),
    /** Closes every connection whose access has ended. */
    endSessions: (isOver: (member: Member) => boolean, reason: string): void => {
      for (const connection of connections.all()) {
        const { member } = connection;
        if (member && isOver(member)) connection.stop(closeCodes.policy, reason);
      }
    },
    /** Devices that have a connection now. */
    connectedDevices: (): ReadonlySet<string> => {
      const ids = new Set<string>();
      for (const { member, isReady } of connections.all()) {
        if (isReady && member?.principal.deviceId !== undefined) ids.add(member.principal.deviceId);
      }
      return ids;
    },
    /** Open connections by the protocol they speak; those before their handshake under `none`. */
    counts: (): ReadonlyMap<string, number> => {
      const counts = new Map([["none", waiting.size]]);
      for (const { member, isReady } of connections.all()) {
        if (!isReady || !member) continue;
        const protocol = String(member.dialect.version);
        counts.set(protocol, (counts.get(protocol) ?? 0) + 1);
      }
      return counts;
    },
    /** Asks every peer for a sign of life and drops those that gave none for two intervals. */
    checkLiveness: (): void => {
      const deadline = clock.now() - 2 * tickIntervalMs;
      for (const connection of connections.all()) {
        if (connection.isReady && connection.lastHeardMs < deadline) connection.transport.terminate();
        else connection.transport.ping();
      }
    },
    /** Closes everything with the restart code and waits a moment for the other ends. */
    closeAll: async (graceMs: number): Promise<void> => {
      lobby.wakeAll();
      for (const connection of connections.all()) connection.stop(closeCodes.restart, "service restart");
      const deadline = clock.now() + graceMs;
      while (connections.size > 0 && clock.now() < deadline) {
        await new Promise<void>((resolve) => void setTimeout(resolve, 10));
      }
      for (const connection of connections.all()) connection.transport.terminate();
    },
  };
}
