import { methodGroups } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";

/** This gateway has no provider for speech. */
export function createTalk() {
  return implement(methodGroups.talk, {
    "talk.catalog": () => ({
      modes: [],
      transports: [],
      brains: [],
      speech: { providers: [] },
      transcription: { ready: false, providers: [] },
      realtime: { ready: false, providers: [] },
    }),
  });
}
