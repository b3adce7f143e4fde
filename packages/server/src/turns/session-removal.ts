import type { Conversations } from "../conversations/conversations.ts";
import type { Turns } from "./turns.ts";

const sessionsPerPage = 100;

/** Takes sessions away. What runs in them is stopped first, and so are their sub-agents. */
export interface SessionRemoval {
  remove(key: string, deleteTranscript: boolean): Promise<{ deleted: boolean }>;
  /** Every session of an agent, with its transcript. */
  removeAllOf(agentId: string): Promise<void>;
}

export function createSessionRemoval(deps: {
  turns: Pick<Turns, "abort">;
  conversations: Conversations;
  stopChildren: (parentKey: string, stopReason: string) => Promise<void>;
}): SessionRemoval {
  const { turns, conversations, stopChildren } = deps;

  async function remove(key: string, deleteTranscript: boolean): Promise<{ deleted: boolean }> {
    await turns.abort({ sessionKey: key, stopReason: "deleted" });
    await stopChildren(key, "deleted");
    return conversations.deleteSession(key, deleteTranscript);
  }

  return {
    remove,
    removeAllOf: async (agentId) => {
      // Keys hold an agent's id in lower case, rows as it was given.
      for (const owner of new Set([agentId, agentId.toLowerCase()])) {
        for (;;) {
          const page = await conversations.sessions({ agentId: owner, limit: sessionsPerPage });
          for (const { key } of page) await remove(key, true);
          if (page.length < sessionsPerPage) break;
        }
      }
    },
  };
}
