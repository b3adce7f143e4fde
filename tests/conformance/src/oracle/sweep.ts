import type { JsonObject } from "../json.ts";

const key = "agent:main:swept";

/** Methods with data as a client would send it, in an order in which each finds what it needs. */
export const sweep: readonly (readonly [method: string, params?: JsonObject])[] = [
  ["sessions.subscribe", {}],
  ["sessions.create", { key, label: "Swept", message: "Say hello.", idempotencyKey: "swept-0" }],
  ["sessions.messages.subscribe", { key }],
  ["chat.send", { sessionKey: key, message: "Say hello again.", idempotencyKey: "swept-1" }],
  ["agent.wait", { runId: "swept-1", timeoutMs: 10_000 }],
  ["chat.send", { sessionKey: key, message: "/status", idempotencyKey: "swept-2" }],
  ["agent.wait", { runId: "swept-2", timeoutMs: 10_000 }],
  ["chat.inject", { sessionKey: key, message: "A note." }],
  ["chat.send", { sessionKey: key, message: "Say hello, and stop.", idempotencyKey: "swept-3" }],
  ["chat.abort", { sessionKey: key, runId: "swept-3" }],
  ["chat.message.get", { sessionKey: key, messageId: "nobody-has-this" }],
  ["logs.tail", { limit: 5 }],
  ["models.list", {}],
  ["agents.list", {}],
  ["agent.identity.get", { sessionKey: key }],
  ["agents.create", { name: "Swept One", emoji: "🧹" }],
  ["agents.update", { agentId: "swept-one", name: "Swept Two" }],
  ["agents.files.list", { agentId: "main" }],
  ["agents.files.get", { agentId: "main", name: "AGENTS.md" }],
  ["agents.files.set", { agentId: "main", name: "AGENTS.md", content: "# Swept\n" }],
  ["agents.delete", { agentId: "swept-one" }],
  ["audit.list", {}],
  ["sessions.resolve", { key }],
  ["sessions.search", { query: "hello", sessionKeys: [key] }],
  ["exec.approvals.get", {}],
  ["exec.approval.grants.list", {}],
  ["approval.history", {}],
  ["question.list", {}],
  ["system.info", {}],
  ["update.status", {}],
  ["sessions.branches.list", { sessionKey: key, key }],
  ["sessions.groups.list", {}],
  ["sessions.groups.defaults", {}],
  ["sessions.companion.state", { sessionKey: key, key }],
  ["sessions.observer.visibility", { sessionKey: key, key, visible: true }],
  ["talk.catalog", {}],
  ["tasks.list", {}],
  ["taskSuggestions.list", { sessionKey: key }],
  ["progressCard.get", { sessionKey: key }],
  ["commands.list", {}],
  ["device.pair.setupCode", {}],
  ["sessions.delete", { key }],
];

/** Methods whose result is not asked for, and why. */
export const unswept: Readonly<Record<string, string>> = {
  "exec.approvals.set": "Needs the hash of the file just read; its result is the one of exec.approvals.get.",
  "device.token.rotate": "Needs a paired device with its keys; proved beside its handler.",
};
