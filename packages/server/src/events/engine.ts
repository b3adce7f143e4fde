import type { EventPosition } from "@openclaw-gateway/protocol";
import type { StreamRef } from "./stream-log.ts";

/** What the event plane hands from where an event happens to every process that has connections for it. */
export type PublishedEvent = {
  event: string;
  payload: unknown;
  audience: Audience;
  stateVersion?: { presence: number; health: number };
  /** Newer events of the same key replace older ones that a slow reader has not been sent. */
  coalesceKey?: string;
  /** The streams it belongs to; those who follow one receive it whatever the audience. */
  stream?: StreamRef;
  /** Its place there, given when it is published. */
  position?: EventPosition;
};

/** Who may receive one event, beyond what its definition demands of role and scope. */
export type Audience =
  | { kind: "all" }
  /** Who may decide about a device: everybody without a device, admins, and the device itself. */
  | { kind: "device-managers"; deviceId: string }
  | { kind: "connections"; ids: ReadonlySet<string> }
  /** Connections that asked for session events, and those that asked for the messages of this session. */
  | { kind: "session-subscribers"; sessionKey: string; includeMessageSubscribers: boolean };

/** Carries events between gateway processes. One process needs only the local one; a second engine comes with NATS. */
export interface EventEngine {
  publish(event: PublishedEvent): void;
  subscribe(deliver: (event: PublishedEvent) => void): () => void;
}

/** Delivers in the same process, in order, before `publish` returns. */
export function createLocalEventEngine(): EventEngine {
  const listeners = new Set<(event: PublishedEvent) => void>();
  return {
    publish: (event) => {
      for (const deliver of listeners) deliver(event);
    },
    subscribe: (deliver) => {
      listeners.add(deliver);
      return () => void listeners.delete(deliver);
    },
  };
}
