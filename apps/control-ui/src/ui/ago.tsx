const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** How long ago something was, in words; what is less than a minute ago is "just now". */
export function agoText(atMs: number, nowMs: number, locale?: string): string {
  const sinceMs = nowMs - atMs;
  const [unit, ms] = steps.find(([, length]) => sinceMs >= length) ?? [];
  if (unit === undefined || ms === undefined) return "just now";
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-Math.floor(sinceMs / ms), unit);
}

export function Ago({ atMs }: { atMs: number }) {
  const date = new Date(atMs);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {agoText(atMs, Date.now())}
    </time>
  );
}
