import type { Result } from "@openclaw-gateway/protocol";
import type { Ending } from "./shapes.ts";

type Ended = {
  state: Result<"turns.run">["state"] | "queued" | "running";
  stopReason?: string | undefined;
  error?: string | undefined;
};

/** How a run stands, in the words of a response. */
export function endingOf({ state, stopReason, error }: Ended): Ending {
  switch (state) {
    case "queued":
      return { status: "queued" };
    case "running":
      return { status: "in_progress" };
    case "done":
      return stopReason === "length" ? { status: "incomplete", reason: "max_output_tokens" } : { status: "completed" };
    case "aborted":
      return { status: "cancelled" };
    case "interrupted":
      return { status: "failed", error: { code: "server_error", message: "the run was cut by a stop of the gateway" } };
    case "failed":
      return { status: "failed", error: { code: "server_error", message: error ?? "the turn failed" } };
    default:
      return state satisfies never;
  }
}
