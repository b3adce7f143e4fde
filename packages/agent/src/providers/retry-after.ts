type Headers = Readonly<Record<string, string | undefined>>;

/** How long a provider asks to wait, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: Headers | undefined, nowMs: number): number | undefined {
  if (!headers) return undefined;
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value?.trim()]));
  const ms = positive(byName.get("retry-after-ms"));
  if (ms !== undefined) return ms;
  const value = byName.get("retry-after");
  const seconds = positive(value);
  if (seconds !== undefined) return seconds * 1000;
  // The parser takes more for dates than HTTP does.
  if (!value || !/^[a-z]/i.test(value)) return undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function positive(text: string | undefined): number | undefined {
  if (!text || !/^\d+(\.\d+)?$/.test(text)) return undefined;
  return Number(text);
}
