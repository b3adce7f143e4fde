/** A command as an agent wants it. */
export type ExecRequest = {
  /** As a person would type it into a shell. */
  command: string;
  /** The agent's own folder, absolute. */
  workspace: string;
  /** Absolute, or relative to the agent's workspace; the workspace when absent. */
  cwd?: string;
  env?: Readonly<Record<string, string>>;
};

/** What may be run, word for word: no shell between this and the program. */
export type ClearedCommand = {
  /** The program's file, after all links. */
  file: string;
  argv: readonly [string, ...string[]];
  cwd: string;
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
};

/** The right to run a command once. */
export interface ExecClearance {
  /** Checks that everything is still as it was decided and uses the right up. Rejects, saying why, when it is not. */
  claim(): Promise<ClearedCommand>;
}

export type ExecReview =
  | { status: "clear"; clearance: ExecClearance }
  /** `reason` is for the model. */
  | { status: "refused"; reason: string }
  | {
      status: "waiting";
      approvalId: string;
      expiresAtMs: number;
      cwd: string;
      /** Settles when a person has decided or the time is over. */
      decided: Promise<{ clearance: ExecClearance } | { refused: string }>;
    };

/** An agent's way to the commands of its gateway, for one turn. The gateway decides; the runtime only runs what is cleared. */
export interface ExecPort {
  review(request: ExecRequest): Promise<ExecReview>;
  /** Tells the session what became of a command that was decided about after the tool call had its result. */
  report(approvalId: string, text: string): Promise<void>;
}
