import { parseSessionKey } from "@openclaw-gateway/protocol";

type Rule = { mode?: "daily" | "idle" | undefined; atHour?: number | undefined; idleMinutes?: number | undefined };

/** `session` of the configuration, as far as it says when a session begins anew by itself. */
export type ResetConfig = {
  /** From before there were rules: alone, it means a rule of mode `idle`. */
  idleMinutes?: number | undefined;
  reset?: Rule | undefined;
  resetByType?: { [type in "direct" | "dm" | "group" | "thread"]?: Rule | undefined } | undefined;
  resetByChannel?: Readonly<Record<string, Rule | undefined>> | undefined;
};

/** Whichever comes first ends a session. */
export type ResetPolicy = { dailyAtHour: number | undefined; idleMs: number | undefined };

const defaultHour = 4;
const defaultIdleMinutes = 60;

/** The rule of a channel wins over that of a kind of session, and that over the general one. */
export function resetPolicy(config: ResetConfig, session: { key: string; channel: string | undefined }): ResetPolicy {
  const { reset, resetByType: byType, resetByChannel } = config;
  const type = typeOf(session.key);
  const ofType = type === "direct" ? (byType?.direct ?? byType?.dm) : byType?.[type];
  const ofChannel = session.channel === undefined ? undefined : resetByChannel?.[session.channel.toLowerCase()];
  const rule = ofChannel ?? ofType ?? reset;
  const hasRules = reset !== undefined || byType !== undefined || resetByChannel !== undefined;
  const idleMinutes = rule?.idleMinutes ?? reset?.idleMinutes ?? config.idleMinutes;
  const mode = rule?.mode ?? reset?.mode ?? (!hasRules && idleMinutes !== undefined ? "idle" : "daily");
  const idleMs = (minutes: number | undefined) => minutes && minutes * 60_000;
  if (mode === "idle") return { dailyAtHour: undefined, idleMs: idleMs(idleMinutes ?? defaultIdleMinutes) };
  return { dailyAtHour: rule?.atHour ?? reset?.atHour ?? defaultHour, idleMs: idleMs(idleMinutes) };
}

/** Whether a message that came at `at` begins a new session. Hours are those of this machine's time zone. */
export function isStale(
  { dailyAtHour, idleMs }: ResetPolicy,
  session: { sessionStartedAt: number; lastInteractionAt: number },
  at: number,
): boolean {
  if (idleMs !== undefined && at - session.lastInteractionAt > idleMs) return true;
  return dailyAtHour !== undefined && session.sessionStartedAt < lastHour(at, dailyAtHour);
}

/**
 * When the clock on the wall last showed this hour. An hour that a change of time leaves out is the moment of the change; of
 * one that comes twice the first counts.
 */
export function lastHour(at: number, hour: number): number {
  const day = new Date(at);
  const today = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour).getTime();
  return today <= at ? today : new Date(day.getFullYear(), day.getMonth(), day.getDate() - 1, hour).getTime();
}

function typeOf(key: string): "direct" | "group" | "thread" {
  const rest = parseSessionKey(key)?.rest ?? "";
  if (/:(thread|topic):/.test(rest)) return "thread";
  return /:(group|channel):/.test(rest) ? "group" : "direct";
}
