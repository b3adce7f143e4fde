import { scopes } from "@openclaw-gateway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decisionOf, expected, specOf, subsets } from "../../testing/authority-table.ts";
import { answer, createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { startTestGateway } from "../../testing/test-gateway.ts";
import { apiRoutes } from "./routes.ts";

const endpoints = { chatCompletions: { enabled: true }, responses: { enabled: true } };
let gateway: Awaited<ReturnType<typeof startTestGateway>>;
beforeAll(async () => {
  const runtime = createScriptedRuntime(() => answer("hi"));
  gateway = await startTestGateway(runtime, { config: { gateway: { http: { endpoints } } } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

// The first five are those that methods ask for.
const sets = subsets(scopes.slice(0, 5));

test.each(apiRoutes.map((route) => ({ ...route, name: `${route.method} ${route.path}` })))(
  "T-D1: $name decides as a socket does for the method it comes down to",
  async ({ method, path, needs }) => {
    const url = new URL(path.replace(/:id\{.*\}/, "no-such-model"), gateway.url);
    for (const granted of sets) {
      const response = await fetch(url, {
        method,
        headers: { authorization: "Bearer secret", "x-openclaw-scopes": granted.join() },
        ...(method === "POST" && { body: "[" }),
      });
      const { error } = (await response.json()) as { error?: { message: string } };
      expect(decisionOf(error ? { error } : {}), granted.join()).toBe(expected(specOf(needs), "operator", granted));
    }
  },
);
