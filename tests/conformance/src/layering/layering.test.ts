import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseImports, readSources } from "./imports.ts";
import { layers, scope, violations } from "./rules.ts";

const root = join(import.meta.dirname, "../../../..");
const sources = readSources(root, ["packages", "apps", "tests"]);

const judge = (path: string, source: string) => violations({ path, imports: parseImports(path, source) });

describe("imports go down only", () => {
  test("every package is seen", () => {
    for (const folder of Object.keys(layers).filter((name) => name !== "packages/channels")) {
      expect(
        sources.some(({ path }) => path.startsWith(`${folder}/`)),
        folder,
      ).toBe(true);
    }
    expect(sources.some(({ path }) => path.startsWith("packages/protocol/src/wire/v3/"))).toBe(true);
  });

  test("no source file points the wrong way", () => {
    expect(sources.flatMap(violations)).toEqual([]);
  });

  test("no published manifest asks for a package above it", () => {
    const wrong = readdirSync(join(root, "packages")).flatMap((name) => {
      const { dependencies = {}, peerDependencies = {} } = JSON.parse(
        readFileSync(join(root, "packages", name, "package.json"), "utf8"),
      ) as { dependencies?: Record<string, string>; peerDependencies?: Record<string, string> };
      const layer = layers[`packages/${name}`];
      const allowed = [...(layer?.workspace ?? []), ...(layer?.workspaceTypes ?? [])].map(
        (entry) => entry.split("/")[0],
      );
      return Object.keys({ ...dependencies, ...peerDependencies })
        .filter((dependency) => dependency.startsWith(scope))
        .map((dependency) => dependency.slice(scope.length))
        .filter((dependency) => !allowed.includes(dependency))
        .map((dependency) => `${name} → ${dependency}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe("the rules see through every form of import", () => {
  test.each([
    ["packages/protocol/src/a.ts", `import { WebSocket } from "ws";`],
    ["packages/protocol/src/a.ts", `import { readFileSync } from "node:fs";`],
    ["packages/protocol/src/a.ts", `import { join } from "path";`],
    ["packages/protocol/src/a.ts", `export * from "@openclaw-gateway/server";`],
    ["packages/protocol/src/a.ts", `import { x } from "../../server/src/x.ts";`],
    ["packages/server/src/app.ts", `import { x } from "@openclaw-gateway/agent";`],
    ["packages/server/src/app.ts", `import type { x } from "@openclaw-gateway/client";`],
    ["packages/server/src/app.test.ts", `import { x } from "@openclaw-gateway/client";`],
    ["packages/agent/src/a.ts", `import { createGateway } from "@openclaw-gateway/server";`],
    ["packages/agent/src/a.ts", `import { type Turn, createGateway } from "@openclaw-gateway/server";`],
    ["packages/agent/src/a.ts", `import "@openclaw-gateway/server";`],
    ["packages/agent/src/a.ts", `export { createGateway } from "@openclaw-gateway/server";`],
    ["packages/client/src/index.ts", `const x = await import("@openclaw-gateway/server");`],
    ["packages/client/src/core/a.ts", `import { x } from "node:crypto";`],
    ["packages/client/src/core/a.ts", `import { WebSocket } from "ws";`],
    ["packages/client/src/core/a.ts", `import { x } from "../transport-ws.ts";`],
    ["packages/browser-client/src/a.ts", `import { x } from "@openclaw-gateway/client";`],
    ["packages/browser-client/src/a.ts", `import { x } from "zod";`],
    ["apps/control-ui/src/a.tsx", `import { x } from "@openclaw-gateway/client/core";`],
    ["apps/control-ui/src/a.tsx", `import { x } from "../../../packages/server/src/x.ts";`],
    ["packages/server/src/capabilities/chat/chat.methods.ts", `import { x } from "../sessions/sessions.store.ts";`],
    [
      "packages/server/src/capabilities/chat/chat.methods.ts",
      `import type { X } from "../sessions/sessions.store.ts";`,
    ],
    ["packages/server/src/http/app.ts", `import { x } from "../capabilities/chat/chat.methods.ts";`],
    ["packages/server/src/rpc/router.ts", `import { x } from "../connection/shell.ts";`],
    ["packages/server/src/platform/ids.ts", `import { x } from "../rpc/router.ts";`],
    ["packages/server/src/capabilities/chat/chat.methods.ts", `import { Kysely } from "kysely";`],
    ["packages/server/src/connection/shell.ts", `import { DatabaseSync } from "node:sqlite";`],
    ["packages/protocol/src/index.ts", `import { x } from "./wire/v3/codec.ts";`],
    ["packages/protocol/src/wire/v4/codec.ts", `import { x } from "../v3/codec.ts";`],
  ])("%s may not say %s", (path, source) => {
    expect(judge(path, source)).toHaveLength(1);
  });

  test.each([
    ["packages/protocol/src/a.ts", `import { z } from "zod"; // import "ws"`],
    ["packages/agent/src/a.ts", `import type { Turn } from "@openclaw-gateway/server";`],
    ["packages/agent/src/a.ts", `import { type Turn } from "@openclaw-gateway/server";`],
    ["packages/agent/src/a.ts", `export type { Turn } from "@openclaw-gateway/server";`],
    ["packages/client/src/index.ts", `import { x } from "./core/index.ts"; import { WebSocket } from "ws";`],
    ["packages/client/src/core/a.test.ts", `import { test } from "vitest"; import { x } from "./a.ts";`],
    ["packages/server/src/app.ts", `import { x } from "./capabilities/chat/chat.methods.ts";`],
    ["packages/server/src/capabilities/chat/chat.store.ts", `import { Kysely } from "kysely";`],
    ["packages/protocol/src/wire/codec.ts", `import { x } from "./v3/codec.ts";`],
    ["apps/cli/src/a.ts", `import { a } from "@openclaw-gateway/server"; import { b } from "@openclaw-gateway/agent";`],
  ])("%s may say %s", (path, source) => {
    expect(judge(path, source)).toEqual([]);
  });

  test("a place that is neither the command nor a test composes nothing", () => {
    const both = `import { a } from "@openclaw-gateway/server"; import { b } from "@openclaw-gateway/agent";`;
    expect(judge("packages/channels/src/a.ts", both)).toContain(
      "packages/channels/src/a.ts: only apps/cli composes server and agent",
    );
  });

  test("an import that cannot be read is refused", () => {
    expect(() => parseImports("a.ts", "await import(name);")).toThrow("not a literal");
  });
});
