import type { PendingApproval } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";

/** Commands that wait for a decision, the oldest first. `problems` says why an answer did not count. */
export type Approvals = { waiting: readonly PendingApproval[]; problems: Readonly<Record<string, string>> };

export const noApprovals: Approvals = { waiting: [], problems: {} };

export function reduceApprovals(state: Approvals, action: AppAction): Approvals {
  switch (action.type) {
    case "approvals-loaded":
      return { waiting: action.approvals, problems: {} };
    case "approval-requested":
      if (state.waiting.some(({ id }) => id === action.approval.id)) return state;
      return { ...state, waiting: [...state.waiting, action.approval] };
    case "approval-ended": {
      const waiting = state.waiting.filter(({ id }) => id !== action.id);
      return waiting.length === state.waiting.length ? state : { ...state, waiting };
    }
    case "approval-failed":
      return { ...state, problems: { ...state.problems, [action.id]: action.message } };
    case "signed-out":
      return noApprovals;
    default:
      return state;
  }
}
