import { CopyButton } from "./copy-button.tsx";

/** A command or setting to take along. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex items-start gap-1 rounded-lg border border-line bg-code py-1.5 pr-1.5 pl-3">
      <pre className="min-w-0 flex-1 self-center font-mono text-xs leading-relaxed break-words whitespace-pre-wrap">
        {text}
      </pre>
      <CopyButton className="shrink-0" label={label} text={text} />
    </div>
  );
}
