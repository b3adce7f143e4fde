import { methodGroups } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";

/** Nothing in this gateway asks a person yet, so nothing waits for one. */
export function createApprovals() {
  return implement(methodGroups.approvals, {
    "exec.approval.list": () => [],
    "plugin.approval.list": () => [],
    "openclaw.approval.list": () => [],
    "question.list": () => ({ questions: [] }),
  });
}
