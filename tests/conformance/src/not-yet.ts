import { dialects } from "@openclaw-gateway/protocol";
import { at, textAt } from "./json.ts";
import type { Transcript } from "./transcript.ts";

/** Parts of the project that are not built yet, with the beginnings of the names that belong to them. */
const areas: Readonly<Record<string, readonly string[]>> = {
  "agents and models": ["agent.identity.", "agents.", "models.", "tools."],
  "approvals and questions": ["exec.", "plugin.approval.", "openclaw.approval.", "approval.", "question."],
  "channels and delivery": ["channels.", "send", "poll", "web.login.", "message."],
  "chat commands and attachments": ["commands.", "chat.metadata", "chat.send_timing", "chat.side"],
  configuration: ["config."],
  "control UI of protocol 4": [
    "board.",
    "controlUi.",
    "mentions.",
    "progressCard.",
    "projects.",
    "themes.",
    "users.",
    "ui.",
    "environments.",
    "worktrees.",
    "session.",
    "sessions.branches.",
    "sessions.catalog.",
    "sessions.companion.",
    "sessions.github.",
    "sessions.groups.",
    "sessions.observer.",
    "sessions.viewers.",
    "models.snapshot",
    "gateway.identity.",
    "profile",
    "portal.",
    "terminal.",
  ],
  diagnostics: ["diagnostics.", "doctor.", "gateway.", "secrets.", "system.info", "system-event", "update.", "usage."],
  "heartbeat and schedules": ["cron", "heartbeat", "set-heartbeats", "wake", "task", "tasks.", "taskSuggestions."],
  nodes: ["node.", "skills.bins"],
  plugins: ["plugin.surface.", "plugins."],
  "session management": [
    "sessions.create",
    "sessions.compact",
    "sessions.get",
    "sessions.resolve",
    "sessions.usage",
    "sessions.steer",
  ],
  skills: ["skills."],
  "talk and speech": ["talk.", "tts.", "voicewake.", "browser."],
  setup: ["wizard."],
};

/** The part of the project a recorded name belongs to: the one with the longest fitting beginning. */
export function areaOf(name: string): string | undefined {
  const fitting = Object.entries(areas).flatMap(([area, starts]) =>
    starts.filter((start) => name.startsWith(start)).map((start) => ({ area, start })),
  );
  return fitting.toSorted((a, b) => b.start.length - a.start.length)[0]?.area;
}

/** Methods that recorded clients call and events that recorded gateways send, but this project has not. */
export function namesNotYet(transcripts: readonly Transcript[]): { methods: string[]; events: string[] } {
  const known = {
    methods: new Set(dialects.flatMap(({ methods }) => [...methods.keys()])),
    events: new Set(dialects.flatMap(({ events }) => [...events.keys()])),
  };
  const [methods, events] = [new Set<string>(), new Set<string>()];
  for (const { frame, dir } of transcripts.flatMap(({ lines }) => lines)) {
    const name = dir === "send" ? textAt(frame, "method") : undefined;
    if (name && at(frame, "type") === "req" && !known.methods.has(name)) methods.add(name);
    const event = dir === "recv" ? textAt(frame, "event") : undefined;
    if (event && !known.events.has(event)) events.add(event);
  }
  for (const name of ["connect", "no.such.method", "toString", "constructor"]) methods.delete(name);
  return { methods: [...methods].toSorted(), events: [...events].toSorted() };
}
