import { randomUUID } from "node:crypto";
import { statfs } from "node:fs/promises";
import {
  arch,
  availableParallelism,
  cpus,
  freemem,
  hostname,
  loadavg,
  platform,
  release,
  totalmem,
  type,
} from "node:os";
import { methodGroups } from "@openclaw-gateway/protocol";
import type { Clock } from "../../platform/clock.ts";
import { implement } from "../../rpc/handler.ts";

export function createHost({ clock, startedAt, stateDir }: { clock: Clock; startedAt: number; stateDir: string }) {
  const processInstanceId = randomUUID();

  async function disk() {
    try {
      const { bsize, blocks, bavail } = await statfs(stateDir);
      return { diskPath: stateDir, diskTotalBytes: bsize * blocks, diskAvailableBytes: bsize * bavail };
    } catch {
      return {};
    }
  }

  return implement(methodGroups.host, {
    "system.info": async () => {
      const memory = process.memoryUsage();
      const cpuModel = cpus()[0]?.model;
      return {
        machineName: hostname(),
        hostname: hostname(),
        platform: platform(),
        release: release(),
        arch: arch(),
        osLabel: `${type()} ${release()}`,
        nodeVersion: process.version,
        pid: process.pid,
        processInstanceId,
        uptimeMs: clock.now() - startedAt,
        cpuCount: availableParallelism(),
        ...(cpuModel !== undefined && { cpuModel }),
        loadAverage: loadavg(),
        memoryTotalBytes: totalmem(),
        memoryFreeBytes: freemem(),
        processMemory: {
          rssBytes: memory.rss,
          heapUsedBytes: memory.heapUsed,
          heapTotalBytes: memory.heapTotal,
          externalBytes: memory.external,
          arrayBuffersBytes: memory.arrayBuffers,
        },
        ...(await disk()),
        defaultAgentUtilityModel: { status: "unavailable" },
      };
    },
    "update.status": () => ({
      sentinel: null,
      updateAvailable: null,
      effectiveChannel: "stable",
      schedule: { channel: "stable", autoEnabled: false },
    }),
    // Diagnostic events are logged, not kept in memory.
    "diagnostics.stability": () => ({
      generatedAt: new Date(clock.now()).toISOString(),
      capacity: 0,
      count: 0,
      dropped: 0,
      events: [],
      summary: { byType: {} },
    }),
  });
}
