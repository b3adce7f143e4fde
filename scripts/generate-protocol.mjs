// Writes docs/protocol/ from the schemas in packages/protocol. A test of that package fails when they differ.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalogueSchema } from "../packages/protocol/src/json-schema.ts";
import { catalogueReference } from "../packages/protocol/src/reference.ts";

const folder = join(import.meta.dirname, "../docs/protocol");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "schema.json"), `${JSON.stringify(catalogueSchema(), null, 2)}\n`);
writeFileSync(join(folder, "methods.md"), `${catalogueReference()}\n`);
