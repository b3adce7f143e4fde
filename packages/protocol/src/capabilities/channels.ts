import { z } from "zod";
import type { MethodGroup } from "../define.ts";

const text = z.string().min(1);

export const channelsMethods = {
  send: {
    description: "Send a message to somebody on a channel; without a channel, to a session, whose agent answers it.",
    since: 1,
    role: "operator",
    scope: "operator.write",
    params: z.strictObject({
      /** Who it is for, as the channel names people; without a channel a session key. */
      to: text,
      message: text,
      channel: text.optional(),
      accountId: text.optional(),
      mediaUrl: text.optional(),
      mediaUrls: z.array(text).optional(),
      gifPlayback: z.boolean().optional(),
      idempotencyKey: text,
    }),
    aliases: { sessionKey: "to" },
    result: z.looseObject({
      runId: z.string(),
      /** `session`, or the channel it went out on. */
      channel: z.string(),
      sessionKey: z.string().optional(),
    }),
  },
} satisfies MethodGroup;
