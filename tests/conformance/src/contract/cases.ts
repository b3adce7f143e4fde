import type { MethodName, Params, Result } from "@openclaw-gateway/protocol";
import type { World } from "./world.ts";

/** One call that shows what a method is for. */
export type Case<M extends MethodName> = {
  params?: Params<M> | ((world: World) => Params<M> | Promise<Params<M>>);
  /** What the answer has to say, beyond its schema. */
  answers?: (result: Result<M>) => boolean;
  /** The answer is this refusal: what it is about cannot be had in a test. */
  refused?: string;
};

const key = (what: string) => (world: World) => ({ key: world.fresh(what) });
const sessionKey = async (world: World) => ({ sessionKey: (await world.spoken()).sessionKey });
const approvalId = async (world: World) => ({ id: await world.approval() });
const deviceRequest = async (world: World) => ({ requestId: await world.deviceRequest() });
/** What `config.get` shows, to be sent back as it is. */
const sameConfig = async (world: World) => {
  const { config, hash } = await world.operator.request("config.get");
  return { raw: JSON.stringify(config), ...(hash !== undefined && { baseHash: hash }) };
};
const nodeRequest = async (world: World) => ({ requestId: (await world.nodeRequest()).requestId });

/**
 * A case for every method of the catalogue. A method without one does not compile here: write down what a client asks, and
 * what it relies on in the answer.
 */
export const cases: { [M in MethodName]: Case<M> } = {
  health: { answers: ({ ok }) => ok },
  status: {},
  "system-presence": { answers: (list) => list.some(({ mode }) => mode === "gateway") },
  "last-heartbeat": { answers: (last) => last === null },
  "logs.tail": { params: { limit: 5 } },
  "config.get": { answers: ({ valid }) => valid },
  "config.set": { params: sameConfig, answers: ({ changedPaths }) => changedPaths.length === 0 },
  "config.apply": { params: sameConfig, answers: ({ changedPaths }) => changedPaths.length === 0 },
  "config.patch": {
    params: async (world) => ({ ...(await sameConfig(world)), raw: '{"gateway":{"handshakeTimeoutMs":9000}}' }),
    answers: ({ restartRequired }) => restartRequired.length === 0,
  },
  "secrets.reload": {},
  "models.list": { answers: ({ models }) => models.length > 0 },
  "models.authStatus": {},
  "system.info": {},
  "update.status": {},
  "diagnostics.stability": {},
  ping: {},
  subscribe: { params: { event: "chat" } },
  unsubscribe: { params: { event: "chat" } },

  "agents.list": { answers: ({ agents, defaultId }) => agents.some(({ id }) => id === defaultId) },
  "agent.identity.get": { answers: ({ agentId }) => agentId === "main" },
  "agents.create": { params: (world) => ({ name: world.fresh("created") }) },
  "agents.update": { params: async (world) => ({ agentId: await world.agent(), name: "Renamed" }) },
  "agents.delete": { params: async (world) => ({ agentId: await world.agent() }) },
  "agents.files.list": { params: { agentId: "main" }, answers: ({ files }) => files.length > 0 },
  "agents.files.get": { params: { agentId: "main", name: "SOUL.md" }, answers: ({ file }) => !file.missing },
  "agents.files.set": {
    params: async (world) => ({ agentId: await world.agent(), name: "MEMORY.md", content: "kept" }),
    answers: ({ file }) => file.size === 4,
  },
  "audit.list": { params: { limit: 5 } },

  "sessions.list": { params: { limit: 5 } },
  "sessions.preview": {
    params: async (world) => ({ keys: [(await world.spoken()).sessionKey] }),
    answers: ({ previews }) => previews[0]?.status === "ok",
  },
  "sessions.patch": { params: (world) => ({ key: world.fresh("patched"), label: world.fresh("Label") }) },
  "sessions.reset": { params: key("reset") },
  "sessions.delete": {
    params: async (world) => ({ key: await world.session() }),
    answers: ({ deleted }) => deleted,
  },
  "sessions.compact": { params: key("compacted"), answers: ({ compacted }) => !compacted },
  "sessions.subscribe": {},
  "sessions.unsubscribe": {},
  "sessions.messages.subscribe": { params: { key: "main" }, answers: (result) => result.key === "agent:main:main" },
  "sessions.messages.unsubscribe": { params: { key: "main" } },
  "sessions.resolve": {
    params: async (world) => ({ key: (await world.spoken()).sessionKey }),
    answers: ({ ok }) => ok,
  },
  "sessions.describe": {
    params: async (world) => ({ key: (await world.spoken()).sessionKey }),
    answers: ({ session }) => session !== null,
  },
  "sessions.create": {
    params: (world) => ({ label: world.fresh("Created") }),
    answers: ({ runStarted }) => !runStarted,
  },
  "sessions.send": {
    params: (world) => ({ key: world.fresh("sent"), message: "[[fast]]" }),
    answers: ({ status }) => status === "started",
  },
  "sessions.abort": { params: key("aborted"), answers: ({ status }) => status === "no-active-run" },
  "sessions.search": { params: { query: "hello" } },
  "sessions.get": {
    params: async (world) => ({ key: (await world.spoken()).sessionKey }),
    answers: ({ messages }) => messages.length === 2,
  },
  "sessions.spawn": {
    params: (world) => ({ label: world.fresh("Spawned") }),
    answers: ({ status }) => status === "created",
  },
  sessions_spawn: { params: { task: "[[fast]]" }, answers: ({ runId }) => runId !== undefined },
  sessions_list: {
    params: { kinds: ["direct"] },
    answers: ({ sessions }) => sessions.every(({ kind }) => kind === "direct"),
  },
  sessions_send: { params: (world) => ({ sessionKey: world.fresh("sent"), message: "[[fast]]" }) },
  sessions_history: { params: sessionKey, answers: ({ messages }) => messages.length === 2 },
  sessions_kill: { params: (world) => ({ sessionKey: world.fresh("killed") }), answers: ({ aborted }) => !aborted },
  "sessions.branches.list": { params: sessionKey },
  "sessions.groups.list": {},
  "sessions.groups.defaults": {},
  "sessions.companion.state": { params: sessionKey },
  "sessions.observer.visibility": { params: { visible: true } },
  "sessions.usage": {},
  "sessions.usage.timeseries": { params: async (world) => ({ key: (await world.spoken()).key }) },
  "sessions.usage.logs": { params: async (world) => ({ key: (await world.spoken()).key }) },
  "usage.status": {},
  "usage.cost": { params: { days: 2 }, answers: ({ days }) => days === 2 },

  agent: {
    params: (world) => ({ message: "[[fast]]", sessionKey: world.fresh("run"), idempotencyKey: world.fresh("key") }),
    answers: ({ status }) => status === "ok",
  },
  "agent.wait": {
    params: async (world) => ({ runId: (await world.spoken()).runId }),
    answers: ({ status }) => status === "ok",
  },
  "agent.serve": { params: { agentIds: ["coder"] }, answers: ({ agentIds }) => agentIds[0] === "coder" },
  "agent.turn.report": {
    params: { runId: "nobody's", seq: 0, events: [{ type: "end" }] },
    answers: ({ state }) => state === "over",
  },
  "chat.send": {
    params: (world) => ({ sessionKey: world.fresh("sent"), message: "[[fast]]", idempotencyKey: world.fresh("key") }),
    answers: ({ status }) => status === "started",
  },
  "chat.history": { params: sessionKey, answers: ({ messages }) => messages.length === 2 },
  "chat.message.get": {
    params: async (world) => {
      const { sessionKey: name, messageId } = await world.spoken();
      return { sessionKey: name, messageId };
    },
    answers: ({ ok }) => ok,
  },
  "chat.output.get": {
    params: { sessionKey: "main", id: "0".repeat(64) },
    refused: `id: this session keeps no such output: ${"0".repeat(64)}`,
  },
  "chat.abort": { params: sessionKey, answers: ({ aborted }) => !aborted },
  "chat.inject": { params: async (world) => ({ sessionKey: await world.session(), message: "noted" }) },
  "chat.startup": { params: sessionKey, answers: ({ messages }) => messages.length === 2 },
  "chat.metadata": {},
  "commands.list": { answers: ({ commands }) => commands.length > 0 },
  send: {
    params: async (world) => ({ to: await world.session(), message: "[[fast]]", idempotencyKey: world.fresh("key") }),
  },
  "streams.subscribe": { params: sessionKey, answers: ({ snapshot }) => snapshot?.reason === "new" },
  "streams.unsubscribe": { params: sessionKey },
  "events.resume": { params: { connId: "nobody's", seq: 0 }, answers: ({ ok }) => !ok },
  "talk.catalog": {},
  "tasks.list": {},
  "taskSuggestions.list": {},
  "progressCard.get": { params: sessionKey },
  "users.prefs.get": {},
  "users.prefs.set": { params: (world) => ({ entries: { [world.fresh("pref")]: 1 } }) },

  "exec.approvals.get": {},
  "exec.approvals.set": {
    params: async ({ operator }) => {
      const { file, hash } = await operator.request("exec.approvals.get");
      return { file, baseHash: hash };
    },
  },
  "exec.approvals.node.get": { params: { nodeId: "nobody" }, refused: "node not connected" },
  "exec.approvals.node.set": { params: { nodeId: "nobody", file: { version: 1 } }, refused: "node not connected" },
  "exec.approvals.list": {},
  "exec.approvals.resolve": { params: async (world) => ({ id: await world.approval(), approved: false }) },
  "exec.approvals.overrides": {},
  "exec.approvals.overrides.set": {
    params: async ({ operator }) => {
      const { overrides, hash } = await operator.request("exec.approvals.overrides");
      return { overrides, baseHash: hash };
    },
  },
  // Nobody answers in time.
  "exec.approval.request": { params: { command: "ls", timeoutMs: 1 }, answers: ({ decision }) => decision === null },
  "exec.approval.waitDecision": {
    params: async (world) => {
      const id = await world.approval();
      await world.operator.request("exec.approval.resolve", { id, decision: "allow-once" });
      return { id };
    },
    answers: ({ decision }) => decision === "allow-once",
  },
  "exec.approval.resolve": { params: async (world) => ({ id: await world.approval(), decision: "deny" }) },
  "exec.approval.get": { params: approvalId, answers: ({ status }) => status === "pending" },
  "exec.approval.list": {},
  "exec.approval.grants.list": {},
  "approval.history": { params: { limit: 5 } },
  "plugin.approval.list": {},
  "openclaw.approval.list": {},
  "question.list": {},

  "device.pair.list": {},
  "device.pair.approve": { params: deviceRequest },
  "device.pair.reject": { params: deviceRequest },
  "device.pair.remove": { params: async (world) => ({ deviceId: (await world.device()).deviceId }) },
  "device.pair.rename": { params: async (world) => ({ deviceId: (await world.device()).deviceId, label: "Mine" }) },
  "device.pair.setupCode": {},
  "device.token.rotate": {
    params: async (world) => ({ deviceId: (await world.device()).deviceId, role: "operator" }),
  },
  "device.token.revoke": {
    params: async (world) => ({ deviceId: (await world.device()).deviceId, role: "operator" }),
  },
  "node.pair.request": { params: (world) => ({ nodeId: world.fresh("node") }), answers: ({ created }) => created },
  "node.pair.list": {},
  "node.pair.approve": { params: nodeRequest },
  "node.pair.reject": { params: nodeRequest },
  "node.pair.remove": { params: async (world) => ({ nodeId: (await world.node()).nodeId }) },
  "node.pair.verify": { params: (world) => world.node(), answers: ({ ok }) => ok },
  "node.rename": { params: async (world) => ({ nodeId: (await world.node()).nodeId, displayName: "Renamed" }) },
};
