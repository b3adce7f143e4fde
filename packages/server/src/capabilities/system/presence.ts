import { hostname, networkInterfaces, release } from "node:os";
import type { PresenceEntry } from "@openclaw-gateway/protocol";
import type { Member } from "../../connection/connection.ts";
import type { Clock } from "../../platform/clock.ts";

/** Rows of a list at most, the newest ones; a crowd would make every answer to `connect` large. */
const maxListed = 200;
/** Rows of people who left that are still shown, and for how long. */
const maxGone = 20;
const goneMs = 300_000;

/** Who is connected. One row per device, instance or connection; command-line calls are not shown, as recorded. */
export function createPresence(deps: { clock: Clock; serverVersion: string; onChange: () => void }) {
  const { clock } = deps;
  type Row = { entry: PresenceEntry; connections: Set<string> };
  // Both in the order of the last change, so that nothing has to be sorted.
  const rows = new Map<string, Row>();
  const gone = new Set<string>();
  const self = selfEntry(deps.serverVersion);
  let version = 0;
  let list: PresenceEntry[] | undefined;

  function put(key: string, row: Row): void {
    rows.delete(key);
    rows.set(key, row);
    version++;
    list = undefined;
  }

  function entries(): PresenceEntry[] {
    if (list) return list;
    const oldestFirst: PresenceEntry[] = [];
    let surplus = rows.size - maxListed + 1;
    rows.forEach(({ entry }) => {
      if (--surplus < 0) oldestFirst.push(entry);
    });
    oldestFirst.push({ ...self, ts: clock.now() });
    list = oldestFirst.reverse();
    return list;
  }

  function forgetOld(): void {
    const limit = clock.now() - goneMs;
    for (const key of gone) {
      const row = rows.get(key);
      if (gone.size <= maxGone && row && row.entry.ts >= limit) return;
      gone.delete(key);
      rows.delete(key);
    }
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
      gone.delete(key);
      put(key, { entry: toEntry(member, "connect", clock.now(), known?.entry), connections });
    },
    left: (member: Member): void => {
      if (!isShown(member)) return;
      const key = rowKey(member);
      const row = rows.get(key);
      if (!row?.connections.delete(member.connId) || row.connections.size > 0) return;
      put(key, { entry: toEntry(member, "disconnect", clock.now(), row.entry), connections: row.connections });
      gone.add(key);
      forgetOld();
      deps.onChange();
    },
  };
}
export type Presence = ReturnType<typeof createPresence>;

const isShown = ({ params }: Member): boolean => params.client.mode !== "cli";

const rowKey = ({ params, connId }: Member): string =>
  (params.device?.id ?? params.client.instanceId ?? connId).toLowerCase();

function toEntry(
  { params, principal, peer }: Member,
  reason: string,
  ts: number,
  known: PresenceEntry | undefined,
): PresenceEntry {
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
  const ip = Object.values(networkInterfaces())
    .flat()
    .find((face) => face && !face.internal && face.family === "IPv4")?.address;
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
