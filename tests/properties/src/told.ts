import { appendFileSync } from "node:fs";
import { expect } from "vitest";
import { propertySeed } from "./index.ts";

/** What a generated test has tried, as one line, so that the run can be had again. */
export function tellCases(cases: number, seed = propertySeed): void {
  const { currentTestName = "outside of a test", testPath } = expect.getState();
  console.info(`${currentTestName}: ${cases} cases, PROPERTY_SEED=${seed}`);
  const report = process.env["PROPERTY_REPORT"];
  if (report !== undefined)
    appendFileSync(report, `${JSON.stringify({ file: testPath, test: currentTestName, cases, seed })}\n`);
}
