import { hostname, networkInterfaces, release } from "node:os";
import type { PresenceEntry } from "@openclaw-gateway/protocol";
import type { Member } from "../../connection/connection.ts";
import type { Clock } from "../../platform/clock.ts";

/** Rows of people who left that are still shown, and for how long. */
const maxGone = 20;
const goneMs = 300_000;

/** Who is connected. One row per device, instance or connection; command-line calls are not shown, as recorded. */
export function createPresence(deps: { clock: Clock; serverVersion: string; onChange: () => void }) {
  const { clock } = deps;
  type Row = { entry: PresenceEntry; connections: Set<string> };
  const rows = new Map<string, Row>();
  const self = selfEntry(deps.serverVersion);
  let version = 0;
  let list: { version: number; entries: PresenceEntry[] } | undefined;

  function changed(): void {
    version++;
    list = undefined;
  }

  function entries(): PresenceEntry[] {
    const now = clock.now();
    if (list) return list.entries;
    const sorted = [...rows.values()].sort((a, b) => b.entry.ts - a.entry.ts).map(({ entry }) => entry);
    list = { version, entries: [{ ...self, ts: now }, ...sorted] };
    return list.entries;
  }

  function forgetOld(): void {
    const limit = clock.now() - goneMs;
    const gone = [...rows].filter(([, { connections }]) => connections.size === 0).sort(([, a], [, b]) => b.entry.ts - a.entry.ts);
    gone.forEach(([key, { entry }], index) => {
      if (index >= maxGone || entry.ts < limit) rows.delete(key);
    });
  }

  return {
    get version() {
      return version;
    },
    list: entries,
    joined: (member: Member): void => {
      if (!isShown(member)) return;
      const key = rowKey(member);
      const known = rows.get(key);
      const connections = known?.connections ?? new Set();
      connections.add(member.connId);
      rows.set(key, { entry: toEntry(member, "connect", clock.now(), known?.entry), connections });
      changed();
    },
    left: (member: Member): void => {
      if (!isShown(member)) return;
      const row = rows.get(rowKey(member));
      if (!row?.connections.delete(member.connId) || row.connections.size > 0) return;
      row.entry = toEntry(member, "disconnect", clock.now(), row.entry);
      forgetOld();
      changed();
      deps.onChange();
    },
  };
}
export type Presence = ReturnType<typeof createPresence>;

const isShown = ({ params }: Member): boolean => params.client.mode !== "cli";

const rowKey = ({ params, connId }: Member): string => (params.device?.id ?? params.client.instanceId ?? connId).toLowerCase();

function toEntry({ params, principal, peer }: Member, reason: string, ts: number, known: PresenceEntry | undefined): PresenceEntry {
  const { client } = params;
  const host = client.displayName ?? client.id;
  return {
    host,
    ...(!peer.isLoopback && { ip: peer.address }),
    version: client.version,
    platform: client.platform,
    ...(client.deviceFamily !== undefined && { deviceFamily: client.deviceFamily }),
    ...(client.modelIdentifier !== undefined && { modelIdentifier: client.modelIdentifier }),
    mode: client.mode,
    roles: [...new Set([...(known?.roles ?? []), principal.role])],
    scopes: [...principal.scopes],
    ...(params.device && { deviceId: params.device.id }),
    ...(client.instanceId !== undefined && { instanceId: client.instanceId }),
    reason,
    ts,
    text: `Node: ${host} · mode ${client.mode}`,
  };
}

function selfEntry(version: string): Omit<PresenceEntry, "ts"> {
  const host = hostname();
  const ip = Object.values(networkInterfaces()).flat().find((face) => face && !face.internal && face.family === "IPv4")?.address;
  return {
    host,
    ...(ip !== undefined && { ip }),
    version,
    platform: `${process.platform} ${release()}`,
    deviceFamily: process.platform === "darwin" ? "Mac" : process.platform === "win32" ? "Windows" : "Linux",
    modelIdentifier: process.arch,
    mode: "gateway",
    reason: "self",
    text: `Gateway: ${host}${ip === undefined ? "" : ` (${ip})`} · app ${version} · mode gateway · reason self`,
  };
}
