/** Year, month, day and the number of the release on that day. */
export type CalendarVersion = readonly [year: number, month: number, day: number, release: number];

/** Reads `2026.1.30`, `v2026.1.30` or `2026.1.30-2`; undefined for anything else, such as `dev`. */
export function parseCalendarVersion(text: string): CalendarVersion | undefined {
  const match = /^v?(\d{4})\.(\d{1,2})\.(\d{1,2})(?:-(\d{1,6}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, release] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? [year, month, day, release] : undefined;
}

/** Negative when `one` is older than `other`, zero when they are the same release. */
export function compareCalendarVersions(one: CalendarVersion, other: CalendarVersion): number {
  for (const [index, part] of one.entries()) {
    const difference = part - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
