// Writes the table of docs/configuration.md from the list of keys. A test of the server fails when they differ.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withReloadTable } from "../packages/server/src/config/reload/reference.ts";

const page = join(import.meta.dirname, "../docs/configuration.md");
writeFileSync(page, withReloadTable(readFileSync(page, "utf8")));
