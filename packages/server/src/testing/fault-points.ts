import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

/** Where a process can be made to die. Commits are counted in groups, events one by one, both from the arming on. */
export const commitStages = ["received", "in the middle", "before the commit", "after the commit"] as const;
export type CommitStage = (typeof commitStages)[number];
export type FaultPoint = { at: "commit"; number: number; stage: CommitStage } | { at: "event"; number: number };

export const nameOf = (point: FaultPoint): string =>
  point.at === "event" ? `event ${point.number}` : `commit ${point.number}, ${point.stage}`;

const dataKey = "fault points";
/** Shared by the threads of a process: commits and events since the arming, and where to die. */
const slots = { commits: 0, events: 1, dieAtCommit: 2, dieAtStage: 3, dieAtEvent: 4 } as const;

/** In the main thread, before the database opens. */
export function createFaultPoints() {
  const cells = new Int32Array(new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT));
  setEnvironmentData(dataKey, cells);
  return {
    /** Starts to count anew; without a point nothing dies. */
    arm: (point: FaultPoint | undefined): void => {
      cells.fill(0);
      if (point?.at === "event") cells[slots.dieAtEvent] = point.number;
      if (point?.at !== "commit") return;
      cells[slots.dieAtStage] = commitStages.indexOf(point.stage);
      cells[slots.dieAtCommit] = point.number;
    },
    passEvent: (): void => {
      const number = ++cells[slots.events]!;
      if (number === cells[slots.dieAtEvent]) die();
    },
    counted: () => ({ commits: cells[slots.commits]!, events: cells[slots.events]! }),
  };
}

/** In the database's thread: dies at the stage it was armed for. */
export function passCommitStage(stage: CommitStage): void {
  const cells: unknown = getEnvironmentData(dataKey);
  if (!(cells instanceof Int32Array)) return;
  if (stage === "received") cells[slots.commits]!++;
  if (cells[slots.commits] === cells[slots.dieAtCommit] && commitStages[cells[slots.dieAtStage]!] === stage) die();
}

/** As the power goes: nothing of this process runs any more. */
function die(): never {
  process.kill(process.pid, "SIGKILL");
  for (;;);
}
