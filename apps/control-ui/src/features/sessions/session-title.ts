import type { SessionRow } from "@openclaw-gateway/protocol";

/** What a person calls a session: its label, what it is about, or the end of its key. */
export function sessionTitle(key: string, row: SessionRow | undefined, mainSessionKey: string): string {
  const given = [row?.label, row?.derivedTitle, row?.displayName].map((text) => text?.trim()).find(Boolean);
  if (given !== undefined) return given;
  if (key === mainSessionKey) return "Main chat";
  const name = key.replace(/^agent:[^:]+:/, "");
  return /^chat-[0-9a-f-]{32,36}$/.test(name) ? "New chat" : name;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long ago, in a word or two. */
export function shortAge(thenMs: number, nowMs: number): string {
  const age = nowMs - thenMs;
  if (age < minuteMs) return "now";
  if (age < hourMs) return `${Math.floor(age / minuteMs)} min`;
  if (age < dayMs) return `${Math.floor(age / hourMs)} h`;
  if (age < 7 * dayMs) return `${Math.floor(age / dayMs)} d`;
  return new Date(thenMs).toLocaleDateString(undefined, { day: "numeric", month: "short" });
}
