const units = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "min", ms: 60_000 },
  { name: "s", ms: 1_000 },
] as const;

/** A length of time in its two largest units: `3 h 12 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const first = units.findIndex((unit) => ms >= unit.ms);
  let rest = ms;
  return units
    .slice(first, first + 2)
    .flatMap(({ name, ms: size }) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count > 0 ? [`${count} ${name}`] : [];
    })
    .join(" ");
}

/** How long ago something was, in its largest unit. */
export function formatAge(thenMs: number, nowMs: number): string {
  const age = nowMs - thenMs;
  const unit = units.find(({ ms }) => age >= ms);
  return unit === undefined ? "now" : `${Math.floor(age / unit.ms)} ${unit.name} ago`;
}

const factors: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** Reads `500ms`, `30s`, `2m` or `1h`; a bare number counts in `bareUnit`. Undefined when it is none of these. */
export function parseDuration(text: string, bareUnit: "ms" | "s"): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h)?$/.exec(text.trim());
  if (!match) return undefined;
  const ms = Math.round(Number(match[1]) * (factors[match[2] ?? bareUnit] ?? 1));
  // Timers hold no more.
  return ms > 0 && ms < 2 ** 31 ? ms : undefined;
}

/** A moment in milliseconds: an ISO time, milliseconds, or an age such as `30m`, `2h` or `7d`. Undefined for anything else. */
export function parseMoment(text: string, nowMs: number): number | undefined {
  const trimmed = text.trim();
  if (/^\d{11,}$/.test(trimmed)) return Number(trimmed);
  const age = /^(\d+(?:\.\d+)?)\s*(s|min|m|h|d)$/.exec(trimmed);
  if (age) return nowMs - Math.round(Number(age[1]) * (age[2] === "d" ? 86_400_000 : (factors[age[2] ?? "s"] ?? 0)));
  const at = /^\d{4}-\d{2}-\d{2}/.test(trimmed) ? Date.parse(trimmed) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
