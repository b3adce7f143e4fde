import { isDeepStrictEqual } from "node:util";
import { ProvisioningError } from "./provisioning-error.ts";

/** An agent's `heartbeat` in the configuration, as the gateway documents it: `every`, `target`, `prompt`, … */
export type Heartbeat = Readonly<Record<string, unknown>>;

/** The heartbeat each agent shall have; `null` takes its own away. Agents that are not named keep theirs. */
export type Heartbeats = Readonly<Record<string, Heartbeat | null>>;

type Entry = Readonly<Record<string, unknown>>;

/**
 * The merge patch that gives agents their heartbeats; undefined when they have them. `config` is the file as it is
 * written: a list is replaced as a whole, so what stands in it must come back unchanged.
 */
export function heartbeatPatch(config: unknown, wanted: Heartbeats): Record<string, unknown> | undefined {
  const agents = member(config, "agents");
  const entries = member(agents, "entries");
  const patch = isRecord(entries) ? patchEntries(entries, wanted) : patchList(member(agents, "list"), wanted);
  return patch === undefined ? undefined : { agents: patch };
}

/** Gateways of protocol 3 and this one: `agents.list`. */
function patchList(value: unknown, wanted: Heartbeats): Entry | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const found = new Set(list.filter(isRecord).map((entry) => entry["id"]));
  for (const agentId of Object.keys(wanted)) if (!found.has(agentId)) throw notConfigured(agentId);
  const next = list.map((entry) => {
    if (!isRecord(entry) || typeof entry["id"] !== "string") return entry;
    const heartbeat = Object.hasOwn(wanted, entry["id"]) ? wanted[entry["id"]] : undefined;
    if (heartbeat === undefined) return entry;
    const { heartbeat: _, ...rest } = entry;
    return heartbeat === null ? rest : { ...entry, heartbeat };
  });
  return isDeepStrictEqual(next, list) ? undefined : { list: next };
}

/** Later official gateways: `agents.entries`, by id. */
function patchEntries(entries: Entry, wanted: Heartbeats): Entry | undefined {
  const changes: Record<string, unknown> = {};
  for (const [agentId, heartbeat] of Object.entries(wanted)) {
    const entry = Object.hasOwn(entries, agentId) ? entries[agentId] : undefined;
    if (!isRecord(entry)) throw notConfigured(agentId);
    const present = entry["heartbeat"];
    if (isDeepStrictEqual(present ?? null, heartbeat)) continue;
    // What is not named any more has to be taken away by name.
    const gone = isRecord(present) && heartbeat !== null ? nulls(present) : {};
    changes[agentId] = { heartbeat: heartbeat === null ? null : { ...gone, ...heartbeat } };
  }
  return Object.keys(changes).length === 0 ? undefined : { entries: changes };
}

const nulls = (record: Entry): Record<string, null> =>
  Object.fromEntries(Object.keys(record).map((key) => [key, null] as const));

const notConfigured = (agentId: string): ProvisioningError =>
  new ProvisioningError("not-configured", `agent "${agentId}" is not in the gateway's configuration; create it first`);

const member = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
