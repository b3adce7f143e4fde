/** Whether the end of a sub-agent starts a turn of its parent, or only stands in the parent's transcript. */
export type ReportForm = "turn" | "note";

/** A sub-agent whose end its parent has not been told of yet, or whose session is still to be deleted after that. */
export type UnsettledSubagent = {
  runId: string;
  childKey: string;
  parentKey: string;
  cleanup: "keep" | "delete";
  reportAs: ReportForm;
  isReported: boolean;
  createdAt: number;
};

/**
 * What is left to do for sub-agents. A row comes with the commit that accepts the sub-agent's run; the commit that puts
 * its report into the parent's session marks it, or takes it away when nothing else is to be done.
 */
export interface SubagentStore {
  unsettled(of?: { parentKey: string } | { childKey: string }): Promise<UnsettledSubagent[]>;
  /** How many sub-agents of a session have not reported. */
  countOpen(parentKey: string): Promise<number>;
  /** The ends of a session's sub-agents are only noted from now on. */
  quieten(parentKey: string): Promise<void>;
  /** Nothing is left to do. */
  settle(runId: string): Promise<void>;
}
