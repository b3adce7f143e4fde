import { canonicalSessionKey, mainSessionKey, type SessionKeyDefaults } from "@openclaw-gateway/protocol/wire";
import type { Link } from "../features/connect/link.ts";

const fallback: SessionKeyDefaults = { defaultAgentId: "main", mainKey: "main" };

/** How this gateway spells session keys. */
export function keyDefaults(link: Link): SessionKeyDefaults {
  const hello = link.at === "online" || link.at === "reconnecting" ? link.hello : undefined;
  return hello?.snapshot?.sessionDefaults ?? fallback;
}

export const canonicalKey = (key: string, link: Link): string => canonicalSessionKey(key, keyDefaults(link));

export function mainKeyOf(link: Link): string {
  const { defaultAgentId, mainKey } = keyDefaults(link);
  return mainSessionKey(defaultAgentId, mainKey);
}
