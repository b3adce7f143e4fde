import { type MethodSpec, methods, renameAliases } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { createMemoryClient } from "../testing/memory-client.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

/** What older clients send, and what it means. */
const sent: [method: keyof typeof methods, params: object, means: object][] = [
  ["agents.update", { id: "a", name: "A" }, { agentId: "a", name: "A" }],
  ["agents.delete", { id: "a" }, { agentId: "a" }],
  ["agents.files.get", { agentId: "a", filename: "SOUL.md" }, { agentId: "a", name: "SOUL.md" }],
  [
    "agents.files.set",
    { agentId: "a", filename: "SOUL.md", content: "x" },
    { agentId: "a", name: "SOUL.md", content: "x" },
  ],
  ["sessions.preview", { key: "main" }, { keys: ["main"] }],
  ["sessions.patch", { key: "main", thinking: "high" }, { key: "main", thinkingLevel: "high" }],
  [
    "chat.inject",
    { sessionKey: "main", content: "x", role: "assistant" },
    { sessionKey: "main", message: "x", role: "assistant" },
  ],
  [
    "send",
    { sessionKey: "main", message: "x", idempotencyKey: "k" },
    { to: "main", message: "x", idempotencyKey: "k" },
  ],
  ["logs.tail", { lines: 5 }, { limit: 5 }],
];

test.each(sent)("%s takes %j", (method, params, means) => {
  const spec: MethodSpec = methods[method];
  const renamed = renameAliases(params, spec.aliases);
  expect(renamed).toEqual(means);
  expect(spec.params.safeParse(renamed).success).toBe(true);
  expect(renameAliases(means, spec.aliases)).toEqual(means);
});

test("an older name beside the one of today is refused", () => {
  const { aliases, params }: MethodSpec = methods["sessions.preview"];
  const both = { key: "a", keys: ["b"] };
  expect(renameAliases(both, aliases)).toEqual(both);
  expect(params.safeParse(both).success).toBe(false);
});

test.each([undefined, null, 5, "x", ["key"]])("parameters that are %j stay so", (params) => {
  expect(renameAliases(params, methods["sessions.preview"].aliases)).toBe(params);
});

test("a message is injected and previewed as older clients do it", async () => {
  await using running = await startTestGateway(createScriptedRuntime(() => answer("ok")));
  const client = createMemoryClient(running.gateway);
  await client.connect();
  await client.request("sessions.patch", { key: "main", thinking: "high" });
  const inject = (role: string) => client.request("chat.inject", { sessionKey: "main", content: "A note.", role });
  expect(await inject("assistant")).toMatchObject({ ok: true });
  expect(await inject("user")).toMatchObject({ ok: false, error: { message: expect.stringContaining("role") } });
  expect(await client.request("sessions.preview", { key: "main" })).toMatchObject({
    payload: { previews: [{ key: "main", status: "ok", items: [{ role: "assistant", text: "A note." }] }] },
  });
});
