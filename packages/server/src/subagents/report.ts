import type { RunState, StoredRun } from "../conversations/conversation-store.ts";

/** Characters of an answer that the parent is given at once; the rest is in the sub-agent's session. */
const maxResultChars = 20_000;

export type SubagentEnd = {
  childKey: string;
  /** Undefined when nobody remembers the run. */
  run: StoredRun | undefined;
  label: string | undefined;
  /** The last thing it said. */
  answer: string;
  used: { tokens: number; costUsd: number };
};

/** What a parent is told of the end of a sub-agent. */
export function reportText({ childKey, run, label, answer, used }: SubagentEnd): string {
  const name = label ?? firstLine(run?.input.message ?? "") ?? childKey;
  const isCut = answer.length > maxResultChars;
  const result = isCut ? `${answer.slice(0, maxResultChars)}\n\n[cut; all of it is in ${childKey}]` : answer;
  return [
    `[Sub-agent] "${name}" ${howItEnded(run)}`,
    "",
    result === "" ? "It left no answer." : `Its answer:\n\n${result}`,
    "",
    `(Session ${childKey}${statistics(run, used)}. No person wrote this. Go on with your work, or tell whoever asked for it what came out, in your own words.)`,
  ].join("\n");
}

const endings: Readonly<Record<Exclude<RunState, "queued" | "running">, string>> = {
  done: "has finished.",
  failed: "failed.",
  aborted: "was stopped.",
  interrupted: "was interrupted: the gateway stopped while it worked.",
};

function howItEnded(run: StoredRun | undefined): string {
  if (!run || run.state === "queued" || run.state === "running") return "is gone; what became of it is not known.";
  if (run.state === "failed" && run.error !== undefined) return `failed: ${run.error}`;
  if (run.stopReason === "timeout") {
    const seconds = Math.round((run.input.timeoutMs ?? 0) / 1000);
    return `was stopped after its time limit of ${seconds} s.`;
  }
  return endings[run.state];
}

function statistics(run: StoredRun | undefined, { tokens, costUsd }: SubagentEnd["used"]): string {
  const { startedAt, endedAt } = run ?? {};
  const seconds =
    startedAt === undefined || endedAt === undefined ? undefined : Math.round((endedAt - startedAt) / 1000);
  return [
    seconds === undefined ? "" : `, ${seconds} s`,
    tokens > 0 ? `, ${tokens} tokens` : "",
    costUsd > 0 ? `, $${costUsd.toFixed(4)}` : "",
  ].join("");
}

function firstLine(text: string): string | undefined {
  const line = text.trim().split("\n")[0] ?? "";
  return line === "" ? undefined : line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
