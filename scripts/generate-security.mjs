// Writes the table of docs/security.md from the requirements and the titles of the tests that prove them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProofs, withProofs } from "../tests/conformance/src/security/coverage.ts";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs/security.md");
writeFileSync(page, withProofs(readFileSync(page, "utf8"), readProofs(root)));
