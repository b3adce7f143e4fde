import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What a process and its descendants hold and have used. `ownBytes` leaves out what programs share: their code. */
export type Usage = { memoryBytes: number; ownBytes: number; cpuSeconds: number };

const isLinux = process.platform === "linux";
const ticksPerSecond = 100;

/** PSS shares pages fairly between the processes that use them; only Linux tells it. */
export const memoryKind = isLinux ? "PSS" : "RSS";

export function readUsage(pid: number): Usage {
  const usages = isLinux ? treeOf(pid, linuxParents()).map(linuxUsage) : psUsage(pid);
  const sum = (field: keyof Usage): number => usages.reduce((total, usage) => total + usage[field], 0);
  return { memoryBytes: sum("memoryBytes"), ownBytes: sum("ownBytes"), cpuSeconds: sum("cpuSeconds") };
}

function treeOf(root: number, parents: ReadonlyMap<number, number>): number[] {
  const tree = new Set([root]);
  for (let size = 0; size < tree.size;) {
    size = tree.size;
    for (const [pid, parent] of parents) if (tree.has(parent)) tree.add(pid);
  }
  return [...tree];
}

/** Fields of `/proc/<pid>/stat` after the name, which may hold spaces. */
function linuxStat(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function linuxParents(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), Number(linuxStat(Number(name))[1]));
    } catch {
      // Ended while we looked.
    }
  }
  return parents;
}

function linuxUsage(pid: number): Usage {
  const stat = linuxStat(pid);
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const bytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1] ?? 0) * 1024;
  return {
    memoryBytes: bytes("Pss"),
    ownBytes: bytes("Pss_Anon"),
    cpuSeconds: (Number(stat[11]) + Number(stat[12])) / ticksPerSecond,
  };
}

function psUsage(root: number): Usage[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss=,time="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const tree = new Set(treeOf(root, new Map(rows.map(([pid, parent]) => [Number(pid), Number(parent)]))));
  return rows
    .filter(([pid]) => tree.has(Number(pid)))
    .map(([, , rss, time = "0"]) => ({
      memoryBytes: Number(rss) * 1024,
      ownBytes: Number(rss) * 1024,
      cpuSeconds: time.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0),
    }));
}
