import type { TranscriptMessage } from "@openclaw-gateway/protocol";
import { estimateMessage, estimateMessages } from "./estimate.ts";

/**
 * The first message that stays when the beginning of a history gives way to a summary: the newest messages stay, about
 * `keepTokens` of them and at least one, and no tool call is parted from its result. Undefined when there is nothing
 * to sum up.
 */
export function findCut(history: readonly TranscriptMessage[], keepTokens: number): number | undefined {
  // A summary from before is carried on by the next one; it alone is nothing new to sum up.
  const start = history[0]?.role === "system" ? 1 : 0;
  const places = history.flatMap((_, index) => (index > start && mayCut(history, index) ? [index] : []));
  const last = places.at(-1);
  if (last === undefined) return undefined;
  let kept = 0;
  let from = history.length;
  while (from > start && kept + estimateMessage(history[from - 1]!) <= keepTokens)
    kept += estimateMessage(history[--from]!);
  const [first = last, ...later] = places.filter((index) => index >= from);
  // A turn stays whole where that does not cost most of what may stay.
  const isTurn = (index: number): boolean => history[index]?.role === "user";
  const whole = isTurn(first) ? first : later.find(isTurn);
  const isWorthIt = whole !== undefined && estimateMessages(history.slice(whole)) >= keepTokens / 2;
  return isWorthIt ? whole : first;
}

/** No result after this place belongs to a call before it. Results count up to the next answer, wherever they lie. */
function mayCut(history: readonly TranscriptMessage[], index: number): boolean {
  for (let next = index; next < history.length; next++) {
    const role = history[next]?.role;
    if (role === "assistant") return true;
    if (role === "toolResult") return false;
  }
  return true;
}
