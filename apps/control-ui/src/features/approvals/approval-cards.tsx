import { useState } from "react";
import type { ApprovalDecision, PendingApproval } from "@openclaw-gateway/protocol";
import { showCommand } from "@openclaw-gateway/protocol/wire";
import { useAppState, useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { useCountdown } from "../../ui/use-countdown.ts";

/** Commands that wait for this person, whatever session they belong to. */
export function ApprovalCards() {
  const { waiting, problems } = useAppState((state) => state.approvals);
  if (waiting.length === 0) return null;
  return (
    <section
      aria-label="Commands that wait for your decision"
      className="mx-auto max-h-[50dvh] w-full max-w-3xl space-y-2 overflow-y-auto px-4 pb-2"
      tabIndex={0}
    >
      {waiting.map((approval) => (
        <ApprovalCard approval={approval} key={approval.id} problem={problems[approval.id]} />
      ))}
    </section>
  );
}

function ApprovalCard({ approval, problem }: { approval: PendingApproval; problem: string | undefined }) {
  const { decide } = useController();
  const [isSending, setSending] = useState(false);
  const secondsLeft = useCountdown(approval.expiresAtMs);
  const { command, cwd, agentId, resolvedPath, warningText, env, unavailableDecisions = [] } = approval.request;
  const isOver = secondsLeft === 0;

  function answer(decision: ApprovalDecision): void {
    setSending(true);
    void decide(approval.id, decision).finally(() => setSending(false));
  }
  const facts = [
    ["Agent", agentId],
    ["Folder", cwd],
    ["Program", resolvedPath],
    [
      "Environment",
      env &&
        Object.entries(env)
          .map(([name, value]) => `${name}=${value}`)
          .join(" "),
    ],
    ["Why", warningText],
  ] as const;
  return (
    <article
      aria-label={`Approve ${showCommand(command)}`}
      className="rounded-xl border border-line bg-surface p-3 text-sm"
      data-kind="approval"
      role="group"
    >
      <p className="flex justify-between gap-4 font-semibold">
        <span>An agent wants to run a command</span>
        <span className="font-normal text-muted tabular-nums" data-countdown="">
          {isOver ? "Expired" : `${secondsLeft} s left`}
        </span>
      </p>
      <code className="mt-2 block rounded-lg bg-hover p-2 break-all whitespace-pre-wrap" data-command="">
        {showCommand(command)}
      </code>
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 text-muted">
        {facts.map(([name, value]) =>
          value ? (
            <div className="contents" key={name}>
              <dt>{name}</dt>
              <dd className="break-all text-ink">{showCommand(value)}</dd>
            </div>
          ) : null,
        )}
      </dl>
      {problem !== undefined && (
        <p className="mt-2 text-danger" role="alert">
          {problem}
        </p>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button disabled={isSending || isOver} look="primary" onClick={() => answer("allow-once")}>
          Allow once
        </Button>
        {!unavailableDecisions.includes("allow-always") && (
          <Button disabled={isSending || isOver} onClick={() => answer("allow-always")}>
            Always allow
          </Button>
        )}
        <Button disabled={isSending || isOver} onClick={() => answer("deny")}>
          Deny
        </Button>
      </div>
    </article>
  );
}
