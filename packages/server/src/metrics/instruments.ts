/** One thing that is measured, as Prometheus names it: base units, counters end in `_total`. */
type Description<Label extends string> = { name: string; help: string; labels: readonly Label[] };

/** Adds its lines to a page of the text format (version 0.0.4). */
export type Instrument = { write(lines: string[]): void };

const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');

const labelled = (name: string, labels: readonly string[], values: readonly string[], last = ""): string => {
  const pairs = labels.map((label, index) => `${label}="${escapeLabel(values[index] ?? "")}"`);
  if (last !== "") pairs.push(last);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
};

const head = (lines: string[], { name, help }: Description<string>, type: string): void => {
  lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`);
};

/** Values of labels come from lists of the program, never from a caller: they bound how many lines there are. */
const keyOf = (values: readonly string[]): string => values.join("\n");

export function createCounter<Label extends string>(description: Description<Label>) {
  const series = new Map<string, { values: readonly string[]; count: number }>();
  return {
    add: (values: readonly string[] = [], by = 1): void => {
      const key = keyOf(values);
      const found = series.get(key);
      if (found) found.count += by;
      else series.set(key, { values, count: by });
    },
    write: (lines: string[]): void => {
      head(lines, description, "counter");
      const { name, labels } = description;
      if (labels.length === 0 && series.size === 0) lines.push(`${name} 0`);
      for (const { values, count } of series.values()) lines.push(`${labelled(name, labels, values)} ${count}`);
    },
  };
}

/** A number that is asked for when somebody looks. */
export const createGauge = <Label extends string>(
  description: Description<Label>,
  read: () => Iterable<readonly [values: readonly string[], value: number]>,
  type: "gauge" | "counter" = "gauge",
): Instrument => ({
  write: (lines) => {
    head(lines, description, type);
    for (const [values, value] of read())
      lines.push(`${labelled(description.name, description.labels, values)} ${value}`);
  },
});

/** From half a millisecond to a minute. */
export const requestSeconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60,
] as const;
/** From a tenth of a second to an hour. */
export const turnSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600] as const;

/** How often values fell below each bound. */
export function createDistribution(bounds: readonly number[]) {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  let sum = 0;
  let count = 0;
  return {
    observe: (value: number): void => {
      let index = 0;
      while (index < bounds.length && value > bounds[index]!) index++;
      counts[index]!++;
      sum += value;
      count++;
    },
    write: (lines: string[], name: string, labels: readonly string[], values: readonly string[]): void => {
      let below = 0;
      for (const [index, bound] of [...bounds, "+Inf"].entries()) {
        below += counts[index]!;
        lines.push(`${labelled(`${name}_bucket`, labels, values, `le="${bound}"`)} ${below}`);
      }
      lines.push(`${labelled(`${name}_sum`, labels, values)} ${sum}`);
      lines.push(`${labelled(`${name}_count`, labels, values)} ${count}`);
    },
  };
}

export function createHistogram<Label extends string>(description: Description<Label>, bounds: readonly number[]) {
  const series = new Map<string, { values: readonly string[]; distribution: ReturnType<typeof createDistribution> }>();
  return {
    observe: (values: readonly string[], value: number): void => {
      const key = keyOf(values);
      let found = series.get(key);
      if (!found) series.set(key, (found = { values, distribution: createDistribution(bounds) }));
      found.distribution.observe(value);
    },
    write: (lines: string[]): void => {
      head(lines, description, "histogram");
      for (const { values, distribution } of series.values())
        distribution.write(lines, description.name, description.labels, values);
    },
  };
}
