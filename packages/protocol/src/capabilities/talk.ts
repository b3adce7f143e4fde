import { z } from "zod";
import type { MethodGroup } from "../define.ts";

const Providers = z.array(z.looseObject({ id: z.string(), configured: z.boolean() }));

export const talkMethods = {
  "talk.catalog": {
    description: "Ways to speak with an agent, and the providers for them.",
    since: 4,
    role: "operator",
    scope: "operator.read",
    params: z.object({}),
    result: z.looseObject({
      modes: z.array(z.string()),
      transports: z.array(z.string()),
      brains: z.array(z.string()),
      speech: z.looseObject({ providers: Providers }),
      transcription: z.looseObject({ ready: z.boolean(), providers: Providers }),
      realtime: z.looseObject({ ready: z.boolean(), providers: Providers }),
    }),
  },
} satisfies MethodGroup;
