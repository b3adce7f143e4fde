// Builds every published package and packs it as npm gets it: `node scripts/pack-packages.mjs <folder>`.
import { build, buildPackages, publishedPackages, runPnpm } from "./workspace.mjs";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node scripts/pack-packages.mjs <folder>");
  process.exit(2);
}
const filters = publishedPackages().flatMap((path) => ["--filter", `./${path}`]);
// Only pnpm puts versions in the place of `workspace:` and `catalog:`.
const pack = () =>
  runPnpm([...filters, "--recursive", "pack", "--pack-destination", folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
process.exitCode = (await build()) || (await buildPackages()) || (await pack());
