/** Units that are not base units, and what promtool says instead. */
const derivedUnits =
  /_(?:milliseconds|ms|microseconds|minutes|hours|days|kilobytes|kb|megabytes|mb|bits|percent)(?:_|$)/;
const sampleLine = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)$/;
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

type Sample = { name: string; labels: Record<string, string>; value: number };
type Family = { name: string; help?: string; type?: string; samples: Sample[] };

function labelsIn(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < text.length) {
    const pair = labelPair.exec(text);
    if (!pair || pair[1]! in labels) return undefined;
    labels[pair[1]!] = pair[2]!;
  }
  return labels;
}

/** Reads a page of the text format and says what `promtool check metrics` would refuse or complain of. */
export function checkExposition(page: string): { families: Family[]; problems: string[] } {
  const problems: string[] = [];
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | undefined;
  if (!page.endsWith("\n")) problems.push("no line feed at the end");
  for (const line of page.trimEnd().split("\n")) {
    const meta = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (meta) {
      const [, kind, name = "", text = ""] = meta;
      if (current?.name !== name) {
        if (families.has(name)) problems.push(`${name}: its lines do not stand together`);
        families.set(name, (current = { name, samples: [] }));
      }
      if (kind === "HELP") current.help = text;
      else if (current.samples.length > 0) problems.push(`${name}: TYPE after a sample`);
      else current.type = text;
      continue;
    }
    const [, name = "", braced = "", value = ""] = sampleLine.exec(line) ?? [];
    const labels = labelsIn(braced.slice(1, -1));
    if (name === "" || !labels || Number.isNaN(Number(value))) {
      problems.push(`no sample: ${line}`);
      continue;
    }
    if (seen.has(name + braced)) problems.push(`twice: ${name}${braced}`);
    seen.add(name + braced);
    const base = current?.type === "histogram" ? name.replace(/_(?:bucket|sum|count)$/, "") : name;
    if (!current || base !== current.name) problems.push(`${name}: no HELP and TYPE before it`);
    else current.samples.push({ name, labels, value: Number(value) });
  }
  for (const family of families.values())
    problems.push(...problemsOf(family).map((problem) => `${family.name}: ${problem}`));
  return { families: [...families.values()], problems };
}

function problemsOf({ name, help, type, samples }: Family): string[] {
  const problems: string[] = [];
  if (!help) problems.push("no help");
  if (!["counter", "gauge", "histogram"].includes(type ?? "")) problems.push(`type ${type}`);
  if (!/^[a-z][a-z0-9_]*$/.test(name)) problems.push("not snake case");
  if (derivedUnits.test(name)) problems.push("not in base units");
  if ((type === "counter") !== name.endsWith("_total")) problems.push("_total is for counters, and for each of them");
  if (/_(?:bucket|sum|count|info)$/.test(name)) problems.push("a reserved ending");
  if (type !== "histogram" && samples.some(({ labels }) => "le" in labels || "quantile" in labels))
    problems.push("le and quantile are for histograms and summaries");
  if (type === "counter" && samples.some(({ value }) => value < 0)) problems.push("a negative counter");
  if (type === "histogram") problems.push(...problemsOfHistogram(name, samples));
  return problems;
}

function problemsOfHistogram(name: string, samples: readonly Sample[]): string[] {
  const series = new Map<string, { bounds: number[]; counts: number[]; count?: number }>();
  for (const { name: own, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(rest);
    const found = series.get(key) ?? { bounds: [], counts: [] };
    series.set(key, found);
    if (own === `${name}_bucket`) {
      found.bounds.push(le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le));
      found.counts.push(value);
    } else if (own === `${name}_count`) found.count = value;
  }
  const rises = (numbers: readonly number[], strictly: boolean): boolean =>
    numbers.every(
      (number, index) => index === 0 || (strictly ? number > numbers[index - 1]! : number >= numbers[index - 1]!),
    );
  return [...series.values()].flatMap(({ bounds, counts, count }) => [
    ...(bounds.at(-1) === Number.POSITIVE_INFINITY ? [] : ["no bucket for everything"]),
    ...(rises(bounds, true) && rises(counts, false) ? [] : ["buckets that do not rise"]),
    ...(counts.at(-1) === count ? [] : ["a count that is not the last bucket"]),
  ]);
}
