import type { RunState, StoredRun } from "../conversations/conversation-store.ts";
import type { TurnEvent } from "../runtime/agent-runtime.ts";
import type { Ended } from "./run-turn.ts";

/** Somebody who counts or traces what turns do. It must not throw, and nothing waits for it. */
export interface TurnWatch {
  begin(run: StoredRun): { event(event: TurnEvent): void; end(state: RunState, ended: Ended): void };
}
