import type { RunSnapshot } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";

/** What a run has done beyond the transcript, as the steps that would have told it. */
export function stepsOfSnapshot(sessionKey: string, { runId, reasoning, tools }: RunSnapshot): AppAction[] {
  const step = (stream: string, data: Record<string, unknown>): AppAction => ({
    type: "run-stepped",
    payload: { runId, sessionKey, stream, data, seq: 0, ts: 0 },
  });
  const thoughts = reasoning === "" ? [] : [step("reasoning", { delta: reasoning })];
  return [
    ...thoughts,
    ...tools.flatMap(({ toolCallId, name, args, status, result }) => {
      const tool = { toolCallId, name };
      const start = step("tool", { ...tool, phase: "start", args });
      if (status !== "running")
        return [start, step("tool", { ...tool, phase: "result", result, isError: status === "failed" })];
      return result === undefined
        ? [start]
        : [start, step("tool", { ...tool, phase: "update", partialResult: result })];
    }),
  ];
}
