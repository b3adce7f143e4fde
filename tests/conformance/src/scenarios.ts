import { loadTranscript, type Transcript } from "./transcript.ts";
import type { GatewayUnderTestOptions, Installation } from "./gateway-under-test.ts";
import type { ReplaySteps } from "./replay.ts";
import { isObject, type JsonObject, textAt } from "./json.ts";

export type Scenario = {
  transcript: Transcript;
  installation: Installation;
  /** What the gateway is started with beside its configuration. */
  start?: Pick<
    GatewayUnderTestOptions,
    "handshakeTimeoutMs" | "hasPage" | "maxBufferedBytes" | "providerDown" | "execDefaults"
  >;
  steps: (gateway: { stop(): Promise<void> }) => ReplaySteps;
  /** Where that is so beside what the recording itself shows. */
  socketOnly?: true;
};

export type Link = "socket" | "memory";

/** The links a scenario is played over: what an upgrade carries (origin, host, forwarding) needs one. */
export function linksOf({ transcript, socketOnly }: Scenario): readonly Link[] {
  const upgrades = transcript.lines.filter(({ dir }) => dir === "open").map(({ frame }) => frame);
  const speaks = upgrades.some((frame) => isObject(frame) && ("origin" in frame || "headers" in frame));
  return socketOnly || speaks ? ["socket"] : ["socket", "memory"];
}

const overHttp = (): ReplaySteps => ({ isOverHttp: true });
const none = (): ReplaySteps => ({});
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const KiB = 1024;

const v3 = (name: string, rest: Partial<Omit<Scenario, "transcript">> = {}): Scenario => ({
  transcript: loadTranscript(3, name),
  installation: "token",
  steps: none,
  ...rest,
});
const v4 = (name: string, rest: Partial<Omit<Scenario, "transcript">> = {}): Scenario => ({
  transcript: loadTranscript(4, name),
  installation: "official",
  steps: none,
  ...rest,
});

/** The connect request of a recording, to send again. */
function connectOf({ lines }: Transcript): JsonObject {
  const frame = lines.find((line) => line.dir === "send" && textAt(line.frame, "method") === "connect")?.frame;
  if (!isObject(frame)) throw new Error("a recording without connect");
  return frame;
}

/** What the page of `ui-connect` had been told and had asked for before the next recording began. */
function pageOpening(): JsonObject[] {
  const { lines } = loadTranscript(4, "ui-connect");
  const wanted = ["connect.challenge", "connect", "sessions.subscribe", "sessions.messages.subscribe"];
  return lines.flatMap(({ frame }) =>
    isObject(frame) && wanted.includes(textAt(frame, "event") ?? textAt(frame, "method") ?? "") ? [frame] : [],
  );
}

const validConnect = (id: string): JsonObject => ({ ...connectOf(loadTranscript(3, "handshake-ok")), id });

/** The recorded agents ran what they liked. */
const everyCommand = { security: "full", ask: "off" };

export const scenarios: readonly Scenario[] = [
  v3("handshake-ok"),
  v3("handshake-auth-errors"),
  v3("handshake-protocol"),
  v3("handshake-params"),
  v3("handshake-first-frame", {
    steps: () => ({
      raws: {
        "<binary 000102ff>": () => new Uint8Array([0, 1, 2, 255]),
        "<binary: the JSON of a valid connect, id bin1>": () => encode(validConnect("bin1")),
      },
    }),
  }),
  v3("handshake-timeout", { start: { handshakeTimeoutMs: 300 } }),
  v3("handshake-origin"),
  v3("handshake-device"),
  v3("device-pairing", {
    // Recorded: somebody with pairing alone approves a reader. Here that takes somebody who may read.
    steps: () => ({
      amendConnect: (conn, params) =>
        conn === "pairing" ? { ...params, scopes: ["operator.pairing", "operator.read"] } : params,
    }),
  }),
  v3("node-pairing"),
  v3("scope-matrix"),
  v3("alt-password-handshake", { installation: "password" }),
  v3("frames-after-connect", {
    steps: () => ({
      answerTimeoutMs: 1_500,
      raws: {
        "<binary: JSON of a valid last-heartbeat request id q6>": () =>
          encode({ type: "req", id: "q6", method: "last-heartbeat" }),
        "<500 KiB request, models.list with unknown key x, id big1>": () =>
          JSON.stringify({ type: "req", id: "big1", method: "models.list", params: { x: "x".repeat(500 * KiB) } }),
        "<513 KiB request>": () =>
          JSON.stringify({ type: "req", id: "big2", method: "models.list", params: { x: "x".repeat(513 * KiB) } }),
        "<600 KiB of text>": () => "x".repeat(600 * KiB),
      },
    }),
  }),
  ...[
    "chat-plain",
    "chat-main",
    "chat-tool-verbose-unset",
    "chat-tool-verbose-on",
    "chat-tool-verbose-full",
    "chat-abort",
    "chat-timeout",
    "chat-error-401",
    "chat-error-429",
    "chat-error-500",
    "chat-idempotency",
    "chat-queue",
    "chat-two-sessions",
    "chat-commands",
    "chat-silent",
    "chat-send-params",
    "agent-run",
    "session-delete-running",
    "presence",
    "event-guards",
    "m-health-status",
    "m-logs",
    "m-models-agents",
    "m-agents-crud",
    "m-sessions",
    "m-config-read",
    "m-exec-approvals",
  ].map((name) => v3(name)),
  v3("chat-rapid", { installation: "password" }),
  v3("chat-tool-exec", { start: { execDefaults: everyCommand } }),
  v3("exec-approval-agent"),
  v3("chat-abort-later-turn"),
  v3("chat-upstream-down", { start: { providerDown: true } }),
  v3("alt-unknown-agent", { installation: "password" }),
  v3("slow-consumer", {
    // A link in memory has no buffer that a reader could leave full.
    socketOnly: true,
    // Ours is larger; the recorded one shows what happens when it is reached.
    start: { maxBufferedBytes: 1_572_864 },
    steps: () => ({
      raws: { "<480 KiB>": () => "z".repeat(480 * KiB) },
      onNote: (text, clients) => {
        if (text === "connection slow is paused") clients.get("slow")?.pause?.();
        if (text === "connection slow reads again") clients.get("slow")?.resume?.();
      },
    }),
  }),
  ...["http-chat-completions", "http-chat-completions-upstream-500", "http-tools-invoke"].map((name) =>
    v3(name, { socketOnly: true, steps: overHttp }),
  ),
  v3("alt-http-disabled", { socketOnly: true, installation: "password", start: { hasPage: true }, steps: overHttp }),
  v3("shutdown-sigterm", {
    steps: (gateway) => ({
      onNote: (text) => {
        // Not awaited: what the stop does to the connections is the rest of the recording.
        if (text === "SIGTERM") void gateway.stop();
      },
    }),
  }),
  ...[
    "raw-first-frame-errors",
    "raw-range-3-5",
    "raw-v3-operator",
    "raw-v3-node",
    "raw-v5",
    "raw-agent-accept-final",
    "raw-subscription-scope",
    "raw-shared-methods",
    "gc-auth-bad-token",
    "gc-auth-missing-token",
    "gc-connect-basic",
    "gc-device-auth",
    "cli-devices-list",
    "cli-devices-approve",
    "cli-agent-json",
    "cli-agent-message",
    "cli-tui",
    "cli-acp",
    "cliv3-agent",
    "cliv3-acp",
    "cliv3-tui",
    "cli-approvals-get",
    "cli-approvals-allowlist",
    "cliv3-approvals-get",
    "cliv3trim-approvals",
    "ui-connect",
    "cli-gateway-call-sessions-list",
    "cli-usage-cost",
    "cli-models-list",
    "cliv3trim-agent",
    "cliv3sub-tui",
  ].map((name) => v4(name)),
  ...[
    "ui-route-agents",
    "ui-route-sessions",
    "ui-route-usage",
    "uix-new-session",
    "uix-stop",
    "uix-switch-session",
  ].map((name) => v4(name, { socketOnly: true, steps: () => ({ opening: pageOpening() }) })),
  v4("uix-tool", {
    socketOnly: true,
    start: { execDefaults: everyCommand },
    steps: () => ({ opening: pageOpening() }),
  }),
  v4("gc-event-model", { start: { execDefaults: everyCommand } }),
  // A page is let in by its origin, which only an upgrade has.
  v4("ui-chat-load", { socketOnly: true, steps: () => ({ opening: pageOpening() }) }),
  v4("ui-chat-send", { socketOnly: true, steps: () => ({ opening: pageOpening() }) }),
];
