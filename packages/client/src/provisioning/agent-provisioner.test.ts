import { agentFileNames, GatewayError } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import type { Clock } from "../core/index.ts";
import { type Answer, type AnsweringGateway, createAnsweringGateway, createManualClock } from "../testing/index.ts";
import { type AgentLifecycle, createAgentProvisioner } from "./agent-provisioner.ts";
import { createGatewayControlPlane } from "./gateway-control-plane.ts";

const lifecycle: AgentLifecycle = {
  action: "provision",
  agentId: "lead-1",
  name: "Lead of one",
  workspace: "/srv/lead-1",
  templates: Object.fromEntries(agentFileNames.map((name) => [name, `${name}, {{ name }}`])),
  variables: { name: "Ada" },
  isLead: true,
  heartbeat: { every: "10m" },
  wake: { message: "Begin.", idempotencyKey: "wake-1" },
};

const there = (name: string, size: number) => ({ name, path: `/srv/lead-1/${name}`, missing: false, size });
const entry = { sessionId: "s1", updatedAt: 1 };

/** A gateway where everything is as the answers say. */
const answers = (
  files: ReturnType<typeof there>[] = [],
  more: Record<string, Answer> = {},
): Record<string, Answer> => ({
  "agents.create": () => ({ ok: true, agentId: "lead-1", name: "lead-1", workspace: "/srv/lead-1" }),
  "agents.update": () => ({ ok: true, agentId: "lead-1" }),
  "config.get": () => ({ parsed: { agents: { list: [{ id: "lead-1" }] } }, config: {}, hash: "h1" }),
  "config.patch": () => ({ ok: true }),
  "agents.files.list": () => ({ agentId: "lead-1", workspace: "/srv/lead-1", files }),
  "agents.files.set": ({ name }) => ({ ok: true, file: there(String(name), 1) }),
  "agents.files.get": ({ name }) => ({ file: { ...there(String(name), 1), content: "x" } }),
  "sessions.reset": () => ({ ok: true, key: "agent:lead-1:main", entry }),
  "sessions.patch": () => ({ ok: true, path: "p", key: "agent:lead-1:main", entry }),
  "chat.send": () => ({ runId: "wake-1", status: "started" }),
  ...more,
});

const provisionerOf = ({ client }: AnsweringGateway) =>
  createAgentProvisioner({ controlPlane: createGatewayControlPlane({ client }), settleMs: 0 });

const setAll = ["AGENTS", "SOUL", "TOOLS", "IDENTITY", "USER", "HEARTBEAT", "MEMORY", "BOOTSTRAP"];

describe("one run", () => {
  test("has the order that gateways were recorded with", async () => {
    await using gateway = await createAnsweringGateway(answers());
    await provisionerOf(gateway).applyAgentLifecycle(lifecycle);
    expect(gateway.calls).toEqual([
      ["agents.create", { name: "lead-1", workspace: "/srv/lead-1" }],
      ["agents.update", { agentId: "lead-1", name: "Lead of one", workspace: "/srv/lead-1" }],
      ["config.get", {}],
      ["config.patch", { baseHash: "h1", raw: '{"agents":{"list":[{"id":"lead-1","heartbeat":{"every":"10m"}}]}}' }],
      ["agents.files.list", { agentId: "lead-1" }],
      ...setAll.map((name) => [
        "agents.files.set",
        { agentId: "lead-1", name: `${name}.md`, content: `${name}.md, Ada` },
      ]),
      ["sessions.patch", { key: "agent:lead-1:main" }],
      ["chat.send", { sessionKey: "agent:lead-1:main", message: "Begin.", deliver: false, idempotencyKey: "wake-1" }],
    ]);
  });

  const exists = () => {
    throw new GatewayError("INVALID_REQUEST", 'agent "lead-1" already exists');
  };
  test.each<[string, Record<string, Answer>, number]>([
    ["waits a moment after the agent was made", {}, 1],
    ["does not wait for an agent that was there", { "agents.create": exists }, 0],
  ])("%s", async (_, more, waits) => {
    await using gateway = await createAnsweringGateway(answers([], more));
    const { now, at, advance } = createManualClock();
    const delaysMs: number[] = [];
    const clock: Clock = {
      now,
      at: (ms, fire) => {
        delaysMs.push(ms - now());
        queueMicrotask(() => advance(ms - now()));
        return at(ms, fire);
      },
    };
    const controlPlane = createGatewayControlPlane({ client: gateway.client });
    await createAgentProvisioner({ controlPlane, clock }).applyAgentLifecycle(lifecycle);
    expect(delaysMs).toEqual(Array.from({ length: waits }, () => 750));
  });

  test("of a gateway that does not know a file goes on without it", async () => {
    const refuse: Answer = ({ name }) => {
      if (name === "MEMORY.md") throw new GatewayError("INVALID_REQUEST", 'unsupported file "MEMORY.md"');
      return { ok: true, file: there(String(name), 1) };
    };
    await using gateway = await createAnsweringGateway(answers([], { "agents.files.set": refuse }));
    const { files } = await provisionerOf(gateway).applyAgentLifecycle(lifecycle);
    expect(files).toContainEqual({ name: "MEMORY.md", outcome: "unsupported" });
    expect(files.filter(({ outcome }) => outcome === "written")).toHaveLength(7);
  });
});

describe("files that have no template", () => {
  const files = [there("SOUL.md", 9), there("TOOLS.md", 9), there("USER.md", 9)];
  const soul: AgentLifecycle = { ...lifecycle, action: "update", templates: { "SOUL.md": "Soul." } };

  test("stay", async () => {
    await using gateway = await createAnsweringGateway(answers(files));
    expect((await provisionerOf(gateway).applyAgentLifecycle(soul)).files).toEqual([
      { name: "SOUL.md", outcome: "written" },
    ]);
  });

  test.each<[string, Record<string, Answer>, string]>([
    ["go when asked, except the agent's own", { "agents.files.delete": () => ({ ok: true }) }, "deleted"],
    ["stay where the gateway cannot delete", {}, "unsupported"],
  ])("%s", async (_, more, outcome) => {
    await using gateway = await createAnsweringGateway(answers(files, more));
    const result = await provisionerOf(gateway).applyAgentLifecycle({ ...soul, removeStale: true });
    expect(result.files).toEqual([
      { name: "SOUL.md", outcome: "written" },
      { name: "TOOLS.md", outcome },
    ]);
    const deletions = gateway.calls.filter(([method]) => method === "agents.files.delete");
    expect(deletions).toEqual([["agents.files.delete", { agentId: "lead-1", name: "TOOLS.md" }]]);
  });
});

test("a file of the right size is read before it is written", async () => {
  const right = "SOUL.md, Ada";
  const get: Answer = ({ name }) => ({
    file: { ...there(String(name), 12), content: name === "SOUL.md" ? right : "x".repeat(12) },
  });
  const files = [there("SOUL.md", 12), there("USER.md", 12), there("TOOLS.md", 1)];
  await using gateway = await createAnsweringGateway(answers(files, { "agents.files.get": get }));
  const { "SOUL.md": soul = "", "USER.md": user = "", "TOOLS.md": tools = "" } = lifecycle.templates;
  const result = await provisionerOf(gateway).applyAgentLifecycle({
    ...lifecycle,
    templates: { "SOUL.md": soul, "USER.md": user, "TOOLS.md": tools },
  });
  expect(result.files).toEqual([
    { name: "SOUL.md", outcome: "unchanged" },
    { name: "TOOLS.md", outcome: "written" },
    { name: "USER.md", outcome: "written" },
  ]);
  const read = gateway.calls.filter(([method]) => method === "agents.files.get").map(([, { name }]) => name);
  expect(read).toEqual(["SOUL.md", "USER.md"]);
});
