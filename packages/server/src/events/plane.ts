import { type Dialect, type EventPosition, type EventSpec, hasScope } from "@openclaw-gateway/protocol";
import { mayManageDevice, type Principal } from "../rpc/principal.ts";
import { createByGrant } from "../rpc/by-grant.ts";
import { encodeJson } from "../rpc/stable.ts";
import type { EventEngine, PublishedEvent } from "./engine.ts";
import type { Growth, StreamLog, StreamRef } from "./stream-log.ts";

/** A connection as the event plane sees it. */
export interface EventReader {
  readonly id: string;
  readonly dialect: Dialect;
  readonly principal: Principal;
  readonly subscriptions: {
    sessions: boolean;
    readonly messagesOf: ReadonlySet<string>;
    /** Followed streams, as `streamIds` names them. */
    readonly streams: ReadonlySet<string>;
  };
  /** Takes one event; the reader numbers it, holds it back or drops it. */
  deliver(event: EncodedEvent): void;
}

/** An event encoded once for all readers of a dialect: a frame that lacks its `seq` and closing brace. */
export type EncodedEvent = {
  /** `{"type":"event",…,"payload":…` as UTF-8. */
  head: Uint8Array;
  numbered: boolean;
  /** Set when a newer event of the same key makes this one needless for a reader that is behind. */
  coalesceKey?: string;
  /** What a reader gets that missed earlier events of the key. */
  whenBehind(): EncodedEvent;
  /** The member `position` for readers that want it, with its leading comma. */
  position?(isCoalesced: boolean): Uint8Array;
  /** Grows with every event; tells what was published before a reader came. */
  mark: number;
};

/** How `EventReader.subscriptions.streams` names a session and a run. */
export const streamIds = {
  session: (sessionKey: string): string => `session:${sessionKey}`,
  run: (runId: string): string => `run:${runId}`,
};

type Published = PublishedEvent & { whenBehind?: () => unknown; growth?: Growth };

export interface EventPlane {
  publish(event: Published): void;
  add(reader: EventReader): void;
  remove(reader: EventReader): void;
  readonly readerCount: number;
  /** The `mark` of the newest event. */
  readonly mark: number;
  /** Whether anybody follows the session or one of the runs. */
  isFollowed(sessionKey: string, runIds: Iterable<string>): boolean;
  /** What was done since the start. */
  readonly done: { readonly encoded: number; readonly delivered: number };
}

/** Filters by role, scope and audience; encodes each event once per dialect in use; hands the same bytes to every reader. */
export function createEventPlane(engine: EventEngine, log?: Pick<StreamLog, "append">): EventPlane {
  let mark = 0;
  const done = { encoded: 0, delivered: 0 };
  const readers = new Map<EventReader, ReadonlySet<string>>();
  const visibleTo = createByGrant(visibleEvents);

  const follows = ({ subscriptions: { streams } }: EventReader, { sessionKey, runId }: StreamRef): boolean =>
    streams.size > 0 &&
    (streams.has(streamIds.session(sessionKey)) || (runId !== undefined && streams.has(streamIds.run(runId))));

  const mayHear = (reader: EventReader, event: PublishedEvent): boolean => {
    const { audience, stream } = event;
    if (stream && follows(reader, stream)) return true;
    switch (audience.kind) {
      case "all":
        return true;
      case "device-managers":
        return mayManageDevice(reader.principal, audience.deviceId);
      case "connections":
        return audience.ids.has(reader.id);
      case "session-subscribers":
        return (
          reader.subscriptions.sessions ||
          (audience.includeMessageSubscribers && reader.subscriptions.messagesOf.has(audience.sessionKey))
        );
      default:
        return audience satisfies never;
    }
  };

  const deliver = (event: Published): void => {
    const at = ++mark;
    const encoded = new Map<Dialect, EncodedEvent | undefined>();
    for (const [reader, visible] of readers) {
      if (!visible.has(event.event) || !mayHear(reader, event)) continue;
      if (!encoded.has(reader.dialect)) {
        encoded.set(reader.dialect, encode(reader.dialect, event, at));
        done.encoded++;
      }
      const bytes = encoded.get(reader.dialect);
      if (!bytes) continue;
      done.delivered++;
      reader.deliver(bytes);
    }
  };
  engine.subscribe(deliver);

  return {
    publish: (event) => {
      const { stream } = event;
      engine.publish(stream && log ? { ...event, position: log.append({ ...event, stream }) } : event);
    },
    add: (reader) => void readers.set(reader, visibleTo(reader.dialect, reader.principal)),
    remove: (reader) => void readers.delete(reader),
    done,
    get readerCount() {
      return readers.size;
    },
    get mark() {
      return mark;
    },
    isFollowed: (sessionKey, runIds) => {
      const ids = [streamIds.session(sessionKey), ...Array.from(runIds, streamIds.run)];
      for (const { subscriptions } of readers.keys()) {
        if (subscriptions.streams.size > 0 && ids.some((id) => subscriptions.streams.has(id))) return true;
      }
      return false;
    },
  };
}

/** Which events a reader may see at all, decided once from their definitions. */
function visibleEvents(dialect: Dialect, principal: Principal): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, spec] of dialect.events) {
    if (isVisible(spec, principal)) names.add(name);
  }
  return names;
}

export function isVisible(spec: EventSpec, principal: Principal): boolean {
  if (!(spec.roles ?? ["operator"]).includes(principal.role)) return false;
  return spec.scope === undefined || principal.role !== "operator" || hasScope(principal.scopes, spec.scope);
}

function encode(dialect: Dialect, event: Published, mark: number, behind = false): EncodedEvent | undefined {
  const wire = dialect.encodeEvent(event.event, behind && event.whenBehind ? event.whenBehind() : event.payload);
  if (!wire) return undefined;
  const { event: type, eventBody, numbersEvents } = dialect.frames;
  const spec = dialect.events.get(event.event);
  const version = event.stateVersion && numbersEvents ? `,"stateVersion":${JSON.stringify(event.stateVersion)}` : "";
  const text = `{"type":"${type}","event":"${wire.event}","${eventBody}":${encodeJson(wire.payload)}${version}`;
  const coalesceKey = event.coalesceKey ?? (spec?.droppable ? event.event : undefined);
  const self: EncodedEvent = {
    head: Buffer.from(text, "utf8"),
    numbered: numbersEvents && !spec?.unnumbered && event.audience.kind !== "connections",
    ...(coalesceKey !== undefined && { coalesceKey }),
    whenBehind: () => (event.whenBehind && !behind ? (encode(dialect, event, mark, true) ?? self) : self),
    ...(event.position && { position: encodePosition(event.position) }),
    mark,
  };
  return self;
}

/** Made for the first reader that wants it. */
function encodePosition(position: EventPosition): (isCoalesced: boolean) => Uint8Array {
  const made: { plain?: Uint8Array; coalesced?: Uint8Array } = {};
  const bytes = (value: EventPosition): Uint8Array => Buffer.from(`,"position":${JSON.stringify(value)}`, "utf8");
  return (isCoalesced) =>
    isCoalesced ? (made.coalesced ??= bytes({ ...position, coalesced: true })) : (made.plain ??= bytes(position));
}
