import type { StoredSession } from "../../conversations/conversation-store.ts";
import type { ModelDefaults } from "../../conversations/session-row.ts";

/** How full the context of a session is: `12k/128k (9%)`. */
export function contextText(session: StoredSession | undefined, { contextTokens }: ModelDefaults): string {
  const used = session?.totalTokens ?? 0;
  if (contextTokens === null) return inThousands(used);
  return `${inThousands(used)}/${inThousands(contextTokens)} (${Math.round((used / contextTokens) * 100)}%)`;
}

export const inThousands = (tokens: number): string =>
  tokens < 1_000 ? `${tokens}` : `${Math.round(tokens / 1_000)}k`;
