import { defineConfig } from "vitest/config";

const unit = (name: string, folder: string) => ({
  extends: true as const,
  test: { name, root: folder, include: ["src/**/*.test.{ts,tsx}"] },
});

export default defineConfig({
  test: {
    pool: "threads",
    maxWorkers: 2,
    passWithNoTests: true,
    projects: [
      unit("protocol", "packages/protocol"),
      unit("server", "packages/server"),
      unit("agent", "packages/agent"),
      unit("client", "packages/client"),
      unit("browser-client", "packages/browser-client"),
      unit("cli", "apps/cli"),
      unit("control-ui", "apps/control-ui"),
      unit("conformance", "tests/conformance"),
      {
        extends: true,
        // Real processes and a real browser: one file at a time, generous limits.
        test: {
          name: "e2e",
          root: "tests/e2e",
          include: ["src/**/*.test.ts"],
          pool: "forks",
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
