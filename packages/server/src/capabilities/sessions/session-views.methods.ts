import { canonicalSessionKey, methodGroups, type SessionKeyDefaults, visibleText } from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import { implement } from "../../rpc/handler.ts";

const maxHeadline = 200;

export function createSessionViews({
  conversations,
  keys,
}: {
  conversations: Conversations;
  keys: () => SessionKeyDefaults;
}) {
  return implement(methodGroups.sessionViews, {
    "sessions.branches.list": async ({ sessionKey }) => {
      const session = await conversations.session(canonicalSessionKey(sessionKey, keys()));
      const [leaf] = session ? await conversations.history(session.sessionId, { limit: 1 }) : [];
      if (!session || !leaf) return { branches: [] };
      return {
        branches: [
          {
            leafEntryId: leaf.id,
            headline: visibleText(leaf.message).slice(0, maxHeadline),
            messageCount: leaf.seq,
            updatedAt: new Date(leaf.message.timestamp).toISOString(),
            active: true,
          },
        ],
      };
    },
    // There are no groups and no companion; nobody observes what a page shows.
    "sessions.groups.list": () => ({ groups: [], sectionOrder: [] }),
    "sessions.groups.defaults": () => ({ defaults: [] }),
    "sessions.companion.state": () => ({ exchanges: [] }),
    "sessions.observer.visibility": () => ({ ok: true }),
  });
}
