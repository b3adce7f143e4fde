/** Cases of a property that says nothing else. */
const fullRuns = 10_000;

const wantedSeed = process.env["PROPERTY_SEED"];
const wantedRuns = process.env["PROPERTY_RUNS"];

/** From `PROPERTY_SEED`, or a new one for each test file. */
export const propertySeed = wholeNumber("PROPERTY_SEED", wantedSeed) ?? Math.trunc(Math.random() * 2 ** 31);

/**
 * How many cases to try: `PROPERTY_RUNS`, or else `quick`, for a property that 10,000 cases take more than a second or two.
 * A property that is cheaper says nothing and is tried with 10,000.
 */
export const casesOf = (quick = fullRuns): number => wholeNumber("PROPERTY_RUNS", wantedRuns) ?? quick;

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${name} is no whole number: ${text}`);
  return number;
}
