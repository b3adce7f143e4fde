import { at, isObject, type JsonObject, textAt } from "./json.ts";

/** What kind of event a frame is, as far as clients tell them apart: `agent/lifecycle/start`, `chat/final`, `tick`. */
export function formOf(frame: JsonObject): string {
  const event = textAt(frame, "event") ?? "";
  const payload = frame["payload"];
  switch (event) {
    case "agent":
      return join(event, textAt(payload, "stream"), textAt(payload, "data", "phase"));
    case "chat":
      return join(event, textAt(payload, "state"));
    case "session.tool":
      return join(event, textAt(payload, "data", "phase"));
    case "session.message":
      return join(event, textAt(payload, "message", "role"));
    case "sessions.changed":
      return join(event, textAt(payload, "reason") ?? textAt(payload, "phase"));
    default:
      return event;
  }
}

const join = (...parts: (string | undefined)[]): string => parts.filter((part) => part !== undefined).join("/");

/** The run whose step an event is; messages put in by `chat.inject` count as one run. */
export function runOf(frame: JsonObject): string | undefined {
  if (frame["event"] !== "agent" && frame["event"] !== "chat") return undefined;
  const runId = textAt(frame, "payload", "runId");
  return runId?.startsWith("inject-") ? "inject" : runId;
}

export const isEvent = (frame: unknown): frame is JsonObject => isObject(frame) && frame["type"] === "event";
/** Events that each tell of a thing of its own, not of the newest state. */
export const isOneOfMany = (event: string): boolean => event.startsWith("exec.approval.");
export const isResponse = (frame: unknown): frame is JsonObject => isObject(frame) && frame["type"] === "res";

/** The steps of each run in the order of their first appearance, answers among them. */
export function stepsByRun(
  frames: readonly JsonObject[],
  methodOf: (id: unknown) => string | undefined,
): Map<string, string[]> {
  const steps = new Map<string, string[]>();
  const note = (run: string, step: string): void => {
    const known = steps.get(run) ?? [];
    if (!known.includes(step)) steps.set(run, [...known, step]);
  };
  for (const frame of frames) {
    if (isEvent(frame)) {
      const run = runOf(frame);
      if (run !== undefined) note(run, formOf(frame));
    } else if (isResponse(frame)) {
      const { id } = frame;
      const payload = frame["payload"];
      const listed = at(payload, "runIds");
      const runs = Array.isArray(listed) ? (listed as unknown[]) : [at(payload, "runId")];
      for (const run of runs) {
        if (typeof run === "string")
          note(run, `answer to ${methodOf(id) ?? "?"} ${textAt(payload, "status") ?? ""}`.trim());
      }
    }
  }
  return steps;
}
