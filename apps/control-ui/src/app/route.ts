import { canonicalSessionKey, type SessionKeyDefaults } from "@openclaw-gateway/protocol/wire";

const chatPath = "/chat/";

/** The session a path names, as it is written there; undefined for every other path. */
export function sessionOfPath(pathname: string): string | undefined {
  if (!pathname.startsWith(chatPath)) return undefined;
  const encoded = pathname.slice(chatPath.length);
  if (encoded === "" || encoded.includes("/")) return undefined;
  try {
    const key = decodeURIComponent(encoded).trim();
    return key === "" ? undefined : key;
  } catch {
    return undefined;
  }
}

/** The path of a session, as short as it still means the same key. */
export function pathOfSession(key: string, defaults: SessionKeyDefaults): string {
  const prefix = `agent:${defaults.defaultAgentId}:`;
  const short = key.startsWith(prefix) ? key.slice(prefix.length) : key;
  const isSame = short !== "" && canonicalSessionKey(short, defaults) === key;
  return chatPath + encodeURIComponent(isSame ? short : key);
}
