import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const unit = (name: string, folder: string) => ({
  extends: true as const,
  test: { name, root: folder, include: ["src/**/*.test.{ts,tsx}"] },
});

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    passWithNoTests: true,
    // Shared two-core machines stall for seconds; a hanging test still ends.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // How many cases generated tests try, and that they tell the seed.
    setupFiles: [fileURLToPath(import.meta.resolve("./tests/properties/src/setup.ts"))],
    projects: [
      unit("protocol", "packages/protocol"),
      unit("server", "packages/server"),
      unit("agent", "packages/agent"),
      unit("client", "packages/client"),
      unit("browser-client", "packages/browser-client"),
      unit("cli", "apps/cli"),
      unit("control-ui", "apps/control-ui"),
      unit("conformance", "tests/conformance"),
      unit("properties", "tests/properties"),
      {
        extends: true,
        // Real processes and a real browser: after everything else, one file at a time.
        test: {
          name: "e2e",
          root: "tests/e2e",
          include: ["src/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // Packs and installs what npm would get: alone, because it keeps both cores busy.
        test: {
          name: "packages",
          root: "tests/packages",
          include: ["src/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 300_000,
          // Building, packing and installing everything on a machine that others keep busy.
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
