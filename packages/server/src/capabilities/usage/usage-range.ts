import { dayOf, type UsageRange } from "../../usage/usage-store.ts";

const dayMs = 86_400_000;
const defaultDays = 30;
/** Days of one answer at most. */
const maxDays = 1_000;

type Asked = { days?: number | undefined; startDate?: string | undefined; endDate?: string | undefined };

/** Both days when both are given and in order, else the last `days` up to today. */
export function costRange({ days, startDate, endDate }: Asked, now: number): UsageRange {
  const [first, last] = [toTime(startDate), toTime(endDate)];
  if (first !== undefined && last !== undefined && first <= last)
    return range(last, Math.round((last - first) / dayMs) + 1);
  return range(now, Math.max(days ?? defaultDays, 1));
}

/** One day alone is the end or the beginning of the range. */
export function sessionsRange({ startDate, endDate }: Asked, now: number): UsageRange {
  const last = toTime(endDate) ?? now;
  const first = toTime(startDate);
  return first === undefined ? range(last, defaultDays) : { firstDay: dayOf(first), lastDay: dayOf(last) };
}

const range = (last: number, days: number): UsageRange => ({
  firstDay: dayOf(last - (Math.min(days, maxDays) - 1) * dayMs),
  lastDay: dayOf(last),
});

/** Every day of a range, oldest first. */
export function daysOf({ firstDay, lastDay }: UsageRange): string[] {
  const days: string[] = [];
  for (let at = Date.parse(firstDay); at <= Date.parse(lastDay); at += dayMs) days.push(dayOf(at));
  return days;
}

function toTime(day: string | undefined): number | undefined {
  const time = Date.parse(day ?? "");
  return Number.isNaN(time) ? undefined : time;
}
