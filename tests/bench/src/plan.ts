/** How much is measured. The full run stays below six minutes, the quick one below one and a half. */
export type Plan = {
  starts: number;
  idleRounds: number;
  idleMs: number;
  rounds: number;
  warmUpMs: number;
  requestsMs: number;
  connectionsMs: number;
  largeStarts: number;
  largeReads: number;
  largeMessages: number;
  /** Messages of the longest session. */
  deepMessages: number;
  /** How long the gateway rests after the last round before its memory is measured once more. */
  restMs: number;
  deadlineMs: number;
};

export const fullPlan: Plan = {
  starts: 7,
  idleRounds: 3,
  idleMs: 3_000,
  rounds: 3,
  warmUpMs: 300,
  requestsMs: 1_000,
  connectionsMs: 1_500,
  largeStarts: 5,
  largeReads: 100,
  largeMessages: 10_000,
  deepMessages: 100_000,
  restMs: 15_000,
  deadlineMs: 360_000,
};

export const quickPlan: Plan = {
  starts: 3,
  idleRounds: 1,
  idleMs: 2_000,
  rounds: 1,
  warmUpMs: 200,
  requestsMs: 400,
  connectionsMs: 500,
  largeStarts: 2,
  largeReads: 40,
  largeMessages: 500,
  deepMessages: 2_000,
  restMs: 0,
  deadlineMs: 90_000,
};
