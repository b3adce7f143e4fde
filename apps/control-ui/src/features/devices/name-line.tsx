import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Button } from "../../ui/button.tsx";

type NameLineProps = {
  name: string;
  badges: ReactNode;
  /** Longest name the gateway takes. */
  maxChars: number;
  /** Whether the gateway took it. */
  onRename: (name: string) => Promise<boolean>;
};

/** A name that can be changed in its place. */
export function NameLine({ name, badges, maxChars, onRename }: NameLineProps) {
  const [draft, setDraft] = useState<string>();
  const opener = useRef<HTMLButtonElement>(null);
  const fieldId = useId();

  function close(): void {
    flushSync(() => setDraft(undefined));
    opener.current?.focus();
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wanted = draft?.trim() ?? "";
    if (wanted === "") return;
    if (wanted === name || (await onRename(wanted))) close();
  }

  if (draft === undefined) {
    return (
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <h3 className="min-w-0 font-semibold break-words">{name}</h3>
        {badges}
        <Button
          aria-label={`Rename ${name}`}
          className="ml-auto"
          look="quiet"
          ref={opener}
          onClick={() => setDraft(name)}
        >
          Rename
        </Button>
      </div>
    );
  }
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
      onSubmit={(event) => void submit(event)}
    >
      <label className="sr-only" htmlFor={fieldId}>
        Name
      </label>
      <input
        autoFocus
        className="h-9 min-w-0 flex-1 basis-40 rounded-lg border border-field bg-paper px-3"
        id={fieldId}
        maxLength={maxChars}
        onChange={(event) => setDraft(event.target.value)}
        value={draft}
      />
      <Button look="primary" type="submit">
        Save
      </Button>
      <Button onClick={close}>Cancel</Button>
    </form>
  );
}

export function Badge({
  look = "plain",
  children,
}: {
  look?: "plain" | "ok" | "accent" | "warn";
  children: ReactNode;
}) {
  return <span className={`rounded-full px-2 py-0.5 text-xs font-medium ${looks[look]}`}>{children}</span>;
}

const looks = {
  plain: "bg-hover text-ink",
  ok: "border border-line text-ok",
  accent: "bg-accent-soft text-ink",
  warn: "bg-warn-soft text-warn",
} as const;
