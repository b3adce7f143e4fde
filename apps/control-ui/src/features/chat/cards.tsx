import { memo, type ReactNode } from "react";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import type { ToolActivity } from "./live-run.ts";
import { StoredOutput } from "./stored-output.tsx";

/** One line that opens to the details. */
function Card({
  icon,
  title,
  status,
  children,
}: {
  icon: IconName;
  title: ReactNode;
  status?: ReactNode;
  children: ReactNode;
}) {
  return (
    <details className="group rounded-xl border border-line bg-surface text-sm">
      <summary className="flex min-h-10 list-none items-center gap-2.5 rounded-xl px-3 py-2 group-open:rounded-b-none hover:bg-hover [&::-webkit-details-marker]:hidden">
        <Icon className="size-4 text-muted" name={icon} />
        <span className="min-w-0 flex-1 truncate">{title}</span>
        {status}
        <Icon className="size-4 text-muted transition-transform group-open:rotate-90" name="chevron" />
      </summary>
      <div className="border-t border-line px-3 py-2.5">{children}</div>
    </details>
  );
}

/** A mark between messages: the agent goes on from the summary behind it. */
export const SummaryCard = memo(({ summary }: { summary: string }) => (
  <Card icon="thought" title="Earlier messages were summed up for the agent">
    <p className="max-h-80 overflow-y-auto break-words whitespace-pre-wrap text-muted" tabIndex={0}>
      {summary}
    </p>
  </Card>
));

export function ReasoningCard({ text, isLive }: { text: string; isLive: boolean }) {
  return (
    <Card
      icon="thought"
      status={isLive ? <Spinner label="Thinking" /> : undefined}
      title={isLive ? "Thinking…" : "Thoughts"}
    >
      <p className="max-h-80 overflow-y-auto break-words whitespace-pre-wrap text-muted" tabIndex={0}>
        {text}
      </p>
    </Card>
  );
}

/** `isLive` tells whether an answer may still come. */
export function ToolCard({ tool, isLive }: { tool: ToolActivity; isLive: boolean }) {
  const summary = summaryOf(tool.args);
  return (
    <Card
      icon="tool"
      status={<ToolStatus isLive={isLive} status={tool.status} />}
      title={
        <>
          <span className="font-mono font-medium">{tool.name}</span>
          {summary !== "" && <span className="ml-2 text-muted">{summary}</span>}
        </>
      }
    >
      {tool.args !== undefined && <Block label="Asked" text={JSON.stringify(tool.args, null, 2)} />}
      {tool.output !== undefined && (
        <Block label={tool.status === "failed" ? "Failed with" : "Answered"} text={tool.output} />
      )}
      {tool.references?.map((reference) => (
        <StoredOutput key={reference.id} reference={reference} />
      ))}
      {tool.output === undefined && tool.args === undefined && <p className="text-muted">No details</p>}
    </Card>
  );
}

function ToolStatus({ status, isLive }: { status: ToolActivity["status"]; isLive: boolean }) {
  if (status === "failed") return <span className="text-xs font-medium text-danger">failed</span>;
  if (status === "done") {
    return (
      <span className="inline-flex items-center gap-1 text-xs text-ok">
        <Icon className="size-4" name="check" />
        <span className="sr-only">done</span>
      </span>
    );
  }
  return isLive ? <Spinner label="Running" /> : <span className="text-xs text-muted">no answer</span>;
}

function Block({ label, text }: { label: string; text: string }) {
  return (
    <div className="not-last:mb-2.5">
      <p className="mb-1 text-xs font-medium text-muted">{label}</p>
      <pre
        className="max-h-72 overflow-auto rounded-lg bg-code p-2.5 font-mono text-xs leading-relaxed break-words whitespace-pre-wrap"
        tabIndex={0}
      >
        {text === "" ? "(empty)" : text}
      </pre>
    </div>
  );
}

/** The first plain argument, enough to tell two calls apart. */
function summaryOf(args: unknown): string {
  if (typeof args !== "object" || args === null) return "";
  const first = Object.values(args).find((value) => typeof value === "string" || typeof value === "number");
  return first === undefined ? "" : String(first).slice(0, 120);
}
