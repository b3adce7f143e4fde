// Runs before every test file of the workspace: what `fc.assert` does when it is told nothing else.
import fc, { type RunDetails } from "fast-check";
import { casesOf, propertySeed } from "./index.ts";
import { tellCases } from "./told.ts";

function finish(details: RunDetails<unknown>): void {
  tellCases(details.numRuns, details.seed);
  if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
}

fc.configureGlobal({
  seed: propertySeed,
  numRuns: casesOf(),
  reporter: finish,
});
