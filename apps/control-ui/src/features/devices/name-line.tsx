import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Button } from "../../ui/button.tsx";

type NameFormProps = {
  name: string;
  /** Longest name the gateway takes. */
  maxChars: number;
  /** Whether the gateway took it. */
  onRename: (name: string) => Promise<boolean>;
  onClose: () => void;
};

/** Changes a name in its place. */
export function NameForm({ name, maxChars, onRename, onClose }: NameFormProps) {
  const [draft, setDraft] = useState(name);
  const fieldId = useId();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wanted = draft.trim();
    if (wanted === "") return;
    if (wanted === name || (await onRename(wanted))) onClose();
  }

  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
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
      <Button onClick={onClose}>Cancel</Button>
    </form>
  );
}

export function NameLine({ name, children }: { name: string; children?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <h3 className="min-w-0 font-semibold break-words">{name}</h3>
      {children}
    </div>
  );
}

/** Whether a name is being changed. The button that began it has the focus again when that is over. */
export function useRenaming() {
  const [isRenaming, setRenaming] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  return {
    isRenaming,
    opener,
    begin: () => setRenaming(true),
    end: () => {
      flushSync(() => setRenaming(false));
      opener.current?.focus();
    },
  };
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
