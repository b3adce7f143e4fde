import { events, methods } from "../catalog.ts";
import type { EventSpec, MethodSpec, ProtocolVersion } from "../define.ts";

const within = (spec: { since: ProtocolVersion; until?: ProtocolVersion }, version: ProtocolVersion): boolean =>
  spec.since <= version && (spec.until === undefined || version <= spec.until);

/** The methods a protocol version has, derived from `since` and `until`, with the scopes it asks for. */
export function methodsOf(version: ProtocolVersion): ReadonlyMap<string, MethodSpec> {
  const present = Object.entries<MethodSpec>(methods).filter(([, spec]) => within(spec, version));
  return new Map(present.map(([name, spec]) => [name, ofVersion(spec, version)]));
}

function ofVersion(spec: MethodSpec, version: ProtocolVersion): MethodSpec {
  const { scopeUntil } = spec;
  return scopeUntil && version <= scopeUntil.version ? { ...spec, scope: scopeUntil.scope } : spec;
}

/** The events a protocol version has. */
export function eventsOf(version: ProtocolVersion): ReadonlyMap<string, EventSpec> {
  return new Map(Object.entries<EventSpec>(events).filter(([, spec]) => within(spec, version)));
}
