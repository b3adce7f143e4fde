import { openMemory } from "./store/memory.ts";
import { allMigrations } from "./store/migrations.ts";
import { createConversationStore } from "./conversations/conversation.store.ts";
const store = createConversationStore(openMemory(allMigrations));
const text = "Lorem ipsum dolor sit amet ".repeat(12);
const msg = (i: number) => ({ id: crypto.randomUUID(), runId: "r" + i, message: i % 2 ? { role: "assistant", content: [{ type: "text", text }], api: "x", provider: "p", model: "m", usage: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, totalTokens: 3, cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 } }, stopReason: "stop", timestamp: 1 } : { role: "user", content: [{ type: "text", text }], timestamp: 1 } }) as never;
for (let i = 0; i < 200; i++) { await store.upsertSession("agent:main:s" + i, { agentId: "main", kind: "direct", sessionId: "sid-" + i, now: 1000 + i }, { settings: { origin: { provider: "webchat" }, deliveryContext: { channel: "webchat" } } });
  await store.append("agent:main:s" + i, "sid-" + i, Array.from({ length: 24 }, (_, j) => msg(j)), { now: 2000 + i }); }
for (const [name, f] of [["session", () => store.session("agent:main:s7")], ["sessions60", () => store.sessions({ limit: 60 })], ["history20", () => store.history("sid-5", { limit: 20 })]] as const) {
  for (let i = 0; i < 1000; i++) await f();
  let best = 1e9; for (let k = 0; k < 5; k++) { const c = process.cpuUsage(); for (let i = 0; i < 1000; i++) await f(); const u = process.cpuUsage(c); best = Math.min(best, (u.user + u.system) / 1000); }
  console.log(name, best.toFixed(1), "us cpu →", Math.round(1e6 / best), "/s");
}
