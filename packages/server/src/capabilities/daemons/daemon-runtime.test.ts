import { TurnReport } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import type { EventPlane } from "../../events/plane.ts";
import type { PublishedEvent } from "../../events/engine.ts";
import type { AgentDescription, Turn, TurnEvent } from "../../runtime/agent-runtime.ts";
import { createManualClock } from "../../testing/manual-clock.ts";
import { createScriptedRuntime } from "../../testing/scripted-runtime.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { createDaemons } from "./daemon-runtime.ts";

const coder: AgentDescription = {
  id: "coder",
  workspace: "/nowhere",
  primaryModel: "test/model-1",
  fallbackModels: [],
  contextTokens: 1,
  daemon: { devices: ["laptop"], timeoutSeconds: 60 },
};
const turn: Turn = {
  runId: "r",
  sessionKey: "agent:coder:main",
  sessionId: "s",
  agentId: "coder",
  history: [],
  attachments: [],
  allowedTools: "all",
};
const laptop = {
  id: "d",
  role: "agent",
  scopes: [],
  displayName: "d",
  deviceId: "laptop",
  causedByAgent: false,
} as const;

function setUp() {
  const published: PublishedEvent[] = [];
  const plane: EventPlane = { ...unusedPlane, publish: (event) => void published.push(event) };
  const clock = createManualClock();
  let agents: readonly AgentDescription[] = [coder];
  const inner = { ...createScriptedRuntime(async function* () {}), agents: () => agents };
  const daemons = createDaemons({ inner, plane, clock, log: silentLog });
  async function run(over: Partial<Turn> = {}, signal = new AbortController().signal): Promise<TurnEvent[]> {
    const events: TurnEvent[] = [];
    for await (const event of daemons.runtime.run({ ...turn, ...over }, signal)) events.push(event);
    return events;
  }
  const report = (seq: number, ...events: unknown[]) =>
    daemons.report("c1", { runId: "r", seq, events: events.map((event) => TurnReport.parse(event)) });
  return { daemons, clock, published, run, report, grant: (next: typeof agents) => (agents = next) };
}
const unusedPlane = { add: () => {}, remove: () => {}, readerCount: 0 } as unknown as EventPlane;

test("only the devices that are named may serve", () => {
  const { daemons } = setUp();
  const { deviceId: _, ...nobody } = laptop;
  for (const principal of [nobody, { ...laptop, deviceId: "phone" }])
    expect(() => daemons.serve({ connectionId: "c1", principal, approvedFor: [] }, ["coder"])).toThrow(
      'not granted to serve agent "coder"',
    );
  daemons.serve({ connectionId: "c1", principal: laptop, approvedFor: [] }, ["coder"]);
  expect(daemons.runtime.agents()[0]?.daemon?.isOnline).toBe(true);
});

test.each<[string, { devices?: string[]; approvedFor: string[] }, boolean]>([
  ["no device is named, nor an agent at the approval", { approvedFor: [] }, true],
  ["no device is named, the approval named the agent", { approvedFor: ["coder"] }, true],
  ["no device is named, the approval named another agent", { approvedFor: ["painter"] }, false],
  ["another device is named", { devices: ["phone"], approvedFor: [] }, false],
  ["another device is named, the approval named the agent", { devices: ["phone"], approvedFor: ["coder"] }, true],
  ["the device is named, the approval named another agent", { devices: ["laptop"], approvedFor: ["painter"] }, true],
])("configuration and approval: %s", (_, { devices, approvedFor }, isServed) => {
  const { daemons, grant } = setUp();
  grant([{ ...coder, daemon: { timeoutSeconds: 60, ...(devices && { devices }) } }]);
  const refusals: unknown[] = [];
  try {
    daemons.serve({ connectionId: "c1", principal: laptop, approvedFor }, ["coder"]);
  } catch (error) {
    refusals.push(error);
  }
  expect(refusals).toHaveLength(isServed ? 0 : 1);
  expect(daemons.runtime.agents()[0]?.daemon?.isOnline).toBe(isServed);
});

test("images of the question come as attachments, whatever their size; those of earlier messages are only named", async () => {
  const { daemons, published, run, report } = setUp();
  daemons.serve({ connectionId: "c1", principal: laptop, approvedFor: [] }, ["coder"]);
  const data = "A".repeat(9 * 1024 * 1024);
  const asked = {
    role: "user" as const,
    content: [{ type: "image" as const, mimeType: "image/png", data }],
    timestamp: 1,
  };
  const running = run({ history: [asked, asked] });
  await Promise.resolve();
  const { payload } = published.find(({ event }) => event === "agent.turn.requested") ?? {};
  expect(payload).toMatchObject({
    messages: [{ content: [{ text: "[image]" }] }, { content: [{ text: "[image]" }] }],
    attachments: [{ type: "image", mimeType: "image/png", content: data }],
  });
  await report(0, { type: "end" });
  await running;
});

test("a turn that takes too long ends as a timeout and is aborted at the daemon", async () => {
  const { daemons, clock, run, published } = setUp();
  daemons.serve({ connectionId: "c1", principal: laptop, approvedFor: [] }, ["coder"]);
  const running = run();
  await Promise.resolve();
  clock.advance(60_000);
  expect((await running).at(-1)).toMatchObject({
    type: "error",
    kind: "timeout",
    message: "the turn took longer than 60 s",
  });
  expect(published.map(({ event }) => event)).toEqual(["agent.turn.requested", "agent.turn.aborted"]);
});

test("a grant that is taken away counts at once: offline, and the turn ends", async () => {
  const { daemons, run, report, grant } = setUp();
  daemons.serve({ connectionId: "c1", principal: laptop, approvedFor: [] }, ["coder"]);
  const running = run();
  await Promise.resolve();
  grant([{ ...coder, daemon: { devices: [], timeoutSeconds: 60 } }]);
  expect(daemons.runtime.agents()[0]?.daemon?.isOnline).toBe(false);
  expect(await report(0, { type: "text", delta: "x" })).toBe("over");
  expect((await running).at(-1)).toMatchObject({ message: 'the daemon may not serve agent "coder" any more' });
  expect((await run()).at(-1)).toMatchObject({ message: expect.stringContaining("is offline") });
});

test("an aborted turn ends without another word", async () => {
  const { daemons, run, report, published } = setUp();
  daemons.serve({ connectionId: "c1", principal: laptop, approvedFor: [] }, ["coder"]);
  const abort = new AbortController();
  const running = run({}, abort.signal);
  await Promise.resolve();
  await report(0, { type: "text", delta: "x" });
  abort.abort("rpc");
  expect((await running).at(-1)).toEqual({ type: "end", stopReason: "aborted" });
  expect(published.at(-1)).toMatchObject({ event: "agent.turn.aborted", payload: { runId: "r", reason: "rpc" } });
});

test("a daemon is sent the newest of a long history", async () => {
  const { daemons, run, published } = setUp();
  daemons.serve({ connectionId: "c1", principal: laptop, approvedFor: [] }, ["coder"]);
  const history = Array.from({ length: 12 }, (_, index) => ({
    role: "user" as const,
    content: [{ type: "text" as const, text: `${index}`.padEnd(1_000_000) }],
    timestamp: index,
  }));
  const running = run({ history });
  await Promise.resolve();
  const { messages } = published[0]!.payload as { messages: { timestamp: number }[] };
  expect(messages.map(({ timestamp }) => timestamp)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  daemons.drop("c1");
  await running;
});
