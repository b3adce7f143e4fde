import { z } from "zod";
import type { MethodGroup } from "../define.ts";

const name = z.string().min(1).max(200);
const Entries = z.record(z.string(), z.unknown());

/** What a dashboard remembers for its user. Values are JSON. */
export const preferencesMethods = {
  "users.prefs.get": {
    description: "Preferences by name, or all of them; names without a value are left out.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({ keys: z.array(name).max(200).optional() }),
    result: z.looseObject({ status: z.literal("ok"), entries: Entries }),
  },
  "users.prefs.set": {
    description: "Sets preferences, all or none; null removes one. `expectedEntries` says what they must be before.",
    since: 4,
    role: "operator",
    scope: "operator.write",
    params: z.object({
      entries: z.record(name, z.unknown()),
      expectedEntries: z.record(name, z.unknown()).optional(),
    }),
    result: z.union([
      z.looseObject({ status: z.literal("ok") }),
      z.looseObject({ status: z.literal("conflict"), entries: Entries }),
    ]),
  },
} satisfies MethodGroup;
