import type { RunState, StoredRun } from "../conversations/conversation-store.ts";
import type { TurnEvent } from "../runtime/agent-runtime.ts";
import type { Ended } from "./run-turn.ts";

/** Somebody who counts or traces what turns do. It must not throw, and nothing waits for it. */
export interface TurnWatch {
  begin(run: StoredRun): { event(event: TurnEvent): void; end(state: RunState, ended: Ended): void };
}

/** Several who watch, as one. */
export const watchTogether = (watches: readonly TurnWatch[]): TurnWatch => ({
  begin: (run) => {
    const begun = watches.map((watch) => watch.begin(run));
    return {
      event: (event) => {
        for (const watch of begun) watch.event(event);
      },
      end: (state, ended) => {
        for (const watch of begun) watch.end(state, ended);
      },
    };
  },
});
