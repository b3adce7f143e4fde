import { z } from "zod";
import type { MethodGroup } from "../define.ts";

/** The machine and the program the gateway runs as. */
export const hostMethods = {
  "system.info": {
    description: "Facts about the machine and the process. Sizes are bytes.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({}),
    result: z.looseObject({
      machineName: z.string(),
      hostname: z.string(),
      platform: z.string(),
      release: z.string(),
      arch: z.string(),
      osLabel: z.string(),
      nodeVersion: z.string(),
      pid: z.int(),
      processInstanceId: z.string(),
      uptimeMs: z.int(),
      cpuCount: z.int(),
      cpuModel: z.string().optional(),
      loadAverage: z.array(z.number()),
      memoryTotalBytes: z.int(),
      memoryFreeBytes: z.int(),
      processMemory: z.looseObject({ rssBytes: z.int(), heapUsedBytes: z.int(), heapTotalBytes: z.int() }),
      diskPath: z.string().optional(),
      diskTotalBytes: z.int().optional(),
      diskAvailableBytes: z.int().optional(),
    }),
  },
  "update.status": {
    description: "Whether a newer version is known; nothing is looked up by itself.",
    since: 4,
    role: "operator",
    scope: "operator.admin",
    params: z.object({}),
    result: z.looseObject({
      sentinel: z.null(),
      updateAvailable: z.null(),
      effectiveChannel: z.string(),
      schedule: z.looseObject({ channel: z.string(), autoEnabled: z.boolean() }),
    }),
  },
  "diagnostics.stability": {
    description: "Kept diagnostic events, and their number by type.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({ limit: z.int().min(1).optional(), type: z.string().optional() }),
    result: z.looseObject({
      /** ISO 8601. */
      generatedAt: z.string(),
      capacity: z.int(),
      count: z.int(),
      dropped: z.int(),
      events: z.array(z.looseObject({})),
      summary: z.looseObject({ byType: z.record(z.string(), z.int()) }),
    }),
  },
} satisfies MethodGroup;
