import { z } from "zod";
import type { MethodGroup } from "../define.ts";

export const logsMethods = {
  "logs.tail": {
    description: "Lines of the log file from `cursor` on, or its end. Positions and sizes are bytes.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject({
      cursor: z.int().min(0).optional(),
      limit: z.int().min(1).max(5000).optional(),
      maxBytes: z.int().min(1).max(1_000_000).optional(),
    }),
    aliases: { lines: "limit" },
    result: z.looseObject({
      file: z.string(),
      cursor: z.int(),
      size: z.int(),
      lines: z.array(z.string()),
      truncated: z.boolean(),
      reset: z.boolean(),
    }),
  },
} satisfies MethodGroup;
