import { canonicalSessionKey, type SessionKeyDefaults } from "@openclaw-gateway/protocol/wire";

const chatPath = "/chat/";

/** The pages of the dashboard beside the chats. */
export const sidePages = ["devices", "audit"] as const;
export type PageName = "chat" | (typeof sidePages)[number];

/** The part of an address below the place the gateway serves the dashboard at; every path here is one. */
export const pathWithin = (place: string, pathname: string): string =>
  pathname.startsWith(`${place}/`) ? pathname.slice(place.length) : "/";

/** The page of a path; what names no other is a chat. */
export const pageOfPath = (path: string): PageName => sidePages.find((page) => pathOfPage(page) === path) ?? "chat";

export const pathOfPage = (page: (typeof sidePages)[number]): string => `/${page}`;

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
