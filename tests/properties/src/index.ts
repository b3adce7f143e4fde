/** Cases of a property that says nothing else, in an ordinary run of the tests. */
const quickRuns = 1_000;

const wantedSeed = process.env["PROPERTY_SEED"];
const wantedRuns = process.env["PROPERTY_RUNS"];

/** From `PROPERTY_SEED`, or a new one for each test file. */
export const propertySeed = wholeNumber("PROPERTY_SEED", wantedSeed) ?? Math.trunc(Math.random() * 2 ** 31);

/** How many cases to try: `PROPERTY_RUNS` (10,000 in `pnpm test:properties`), or else `quick`: fewer where each takes long, more where it is cheap. */
export const casesOf = (quick = quickRuns): number => wholeNumber("PROPERTY_RUNS", wantedRuns) ?? quick;

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${name} is no whole number: ${text}`);
  return number;
}
