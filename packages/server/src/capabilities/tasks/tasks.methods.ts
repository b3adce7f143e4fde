import { methodGroups } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";

/** Nothing in this gateway works in the background or proposes work yet. */
export function createTasks() {
  return implement(methodGroups.tasks, {
    "tasks.list": () => ({ tasks: [] }),
    "taskSuggestions.list": () => ({ suggestions: [] }),
    "progressCard.get": () => ({ card: null }),
  });
}
