// Writes docs/compatibility.md from the deviations the conformance tests know. A test fails when they differ.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compatibilityPage } from "../tests/conformance/src/compatibility.ts";

writeFileSync(join(import.meta.dirname, "../docs/compatibility.md"), compatibilityPage());
