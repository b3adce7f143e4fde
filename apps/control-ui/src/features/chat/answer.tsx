import { memo } from "react";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { ReasoningCard, ToolCard } from "./cards.tsx";
import { Markdown } from "./markdown.tsx";
import type { AnswerItem, Ending, Part } from "./transcript.ts";

type AnswerProps = { item: AnswerItem; name: string; onRetry: (() => void) | undefined };

/** Everything the assistant said and did for one message. */
export const Answer = memo(({ item, name, onRetry }: AnswerProps) => {
  const text = item.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
  const isWaiting = item.isLive && item.parts.length === 0;
  return (
    <article aria-busy={item.isLive} aria-label={name} className="group/answer skippable" data-kind="answer">
      <header className="mb-1.5 flex items-center gap-2 text-xs text-muted">
        <span className="font-semibold text-ink">{name}</span>
        {item.timestamp !== undefined && <Time atMs={item.timestamp} />}
      </header>
      <div className="space-y-3">
        {item.parts.map((part, index) => (
          // Parts are only added at the end, and a part keeps its kind.
          <AnswerPart isLive={item.isLive} key={index} part={part} />
        ))}
        {isWaiting && <Waiting phase={item.phase} />}
        {item.ending && <EndingNote ending={item.ending} onRetry={onRetry} />}
      </div>
      {!item.isLive && text !== "" && (
        <footer className="mt-1 -ml-1.5 flex gap-1 opacity-70 transition-opacity group-hover/answer:opacity-100 focus-within:opacity-100">
          <CopyButton label="Copy answer" text={text} />
        </footer>
      )}
    </article>
  );
});

function AnswerPart({ part, isLive }: { part: Part; isLive: boolean }) {
  switch (part.kind) {
    case "text":
      return <Markdown text={part.text} />;
    case "reasoning":
      return <ReasoningCard isLive={part.isLive} text={part.text} />;
    case "tool":
      return <ToolCard isLive={isLive} tool={part.tool} />;
    default:
      return part satisfies never;
  }
}

const phases: Readonly<Record<string, string>> = {
  preparing_workspace: "Preparing the workspace",
  preparing_context: "Reading the conversation",
  starting_model: "Waiting for the model",
};

function Waiting({ phase }: { phase: string | undefined }) {
  return (
    <p className="flex items-center gap-2.5 text-sm text-muted">
      <span aria-hidden="true" className="pulse inline-flex gap-1">
        <span className="size-1.5 rounded-full bg-accent" />
        <span className="size-1.5 rounded-full bg-accent" />
        <span className="size-1.5 rounded-full bg-accent" />
      </span>
      {(phase !== undefined && phases[phase]) || "Working"}…
    </p>
  );
}

const endings: Readonly<Record<Ending["kind"], { title: string; isFailure: boolean }>> = {
  error: { title: "The answer failed", isFailure: true },
  interrupted: { title: "Interrupted", isFailure: true },
  aborted: { title: "Stopped", isFailure: false },
  length: { title: "The answer reached the model's length limit", isFailure: false },
};

function EndingNote({ ending, onRetry }: { ending: Ending; onRetry: (() => void) | undefined }) {
  const { title, isFailure } = endings[ending.kind];
  if (!isFailure) return <p className="text-sm text-muted italic">{title}</p>;
  return (
    <div className="flex items-start gap-3 rounded-xl bg-danger-soft px-3.5 py-3 text-sm" data-ending={ending.kind}>
      <Icon className="mt-0.5 size-4 text-danger" name="alert" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold text-danger">{title}</p>
        {ending.message !== undefined && ending.message !== "" && (
          <p className="mt-0.5 break-words">{ending.message}</p>
        )}
        {onRetry && (
          <Button className="mt-2.5" icon="retry" onClick={onRetry}>
            Ask again
          </Button>
        )}
      </div>
    </div>
  );
}

export function Time({ atMs }: { atMs: number }) {
  const date = new Date(atMs);
  const isToday = date.toDateString() === new Date().toDateString();
  const time = date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {isToday ? time : `${date.toLocaleDateString(undefined, { day: "numeric", month: "short" })}, ${time}`}
    </time>
  );
}
