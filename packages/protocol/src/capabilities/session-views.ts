import { z } from "zod";
import type { MethodGroup } from "../define.ts";

const key = z.string().min(1);
const read = { since: 4, role: "operator", scope: "operator.read" } as const;

/** What a dashboard of protocol 4 shows around a conversation. */
export const sessionViewsMethods = {
  "sessions.branches.list": {
    description: "The branches of a transcript: one, as soon as something was said.",
    ...read,
    params: z.object({ sessionKey: key }),
    result: z.looseObject({
      branches: z.array(
        z.looseObject({
          leafEntryId: z.string(),
          headline: z.string(),
          messageCount: z.int(),
          /** ISO 8601. */
          updatedAt: z.string(),
          active: z.boolean(),
        }),
      ),
    }),
  },
  "sessions.groups.list": {
    description: "Groups that sessions are sorted into.",
    ...read,
    params: z.object({}),
    result: z.looseObject({ groups: z.array(z.looseObject({})), sectionOrder: z.array(z.string()) }),
  },
  "sessions.groups.defaults": {
    description: "What new sessions of a group start with.",
    ...read,
    params: z.object({}),
    result: z.looseObject({ defaults: z.array(z.looseObject({})) }),
  },
  "sessions.companion.state": {
    description: "What was said beside a conversation.",
    ...read,
    params: z.object({ sessionKey: key }),
    result: z.looseObject({ exchanges: z.array(z.looseObject({})) }),
  },
  "sessions.observer.visibility": {
    description: "Whether the page of this connection is in sight.",
    ...read,
    params: z.object({ visible: z.boolean() }),
    result: z.looseObject({ ok: z.literal(true) }),
  },
} satisfies MethodGroup;
