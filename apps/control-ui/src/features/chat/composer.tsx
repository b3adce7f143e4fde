import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef } from "react";
import { IconButton } from "../../ui/button.tsx";

type ComposerProps = {
  field: RefObject<HTMLTextAreaElement | null>;
  draft: string;
  onDraft: (text: string) => void;
  onSend: () => void;
  onStop: () => void;
  isRunning: boolean;
  /** Why nothing can be sent now. */
  blocked: string | undefined;
  /** What went wrong with the last stop. */
  problem: string | undefined;
};

const tallestPx = 240;

/** Where a message is written. Writing is always possible; only sending may have to wait. */
export function Composer({ field, draft, onDraft, onSend, onStop, isRunning, blocked, problem }: ComposerProps) {
  const hintId = useId();
  const isComposing = useRef(false);
  const canSend = blocked === undefined && draft.trim() !== "";

  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, tallestPx)}px`;
  }, [field, draft]);

  function onKeyDown(event: KeyboardEvent): void {
    // While an input method is open, Enter takes its suggestion. Safari ends the composition before the key event: 229.
    if (
      event.key !== "Enter" ||
      event.shiftKey ||
      isComposing.current ||
      event.nativeEvent.isComposing ||
      event.keyCode === 229
    )
      return;
    event.preventDefault();
    if (canSend) onSend();
  }

  return (
    <form
      className="mx-auto w-full max-w-3xl px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6"
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend();
      }}
    >
      <div className="flex items-end gap-1.5 rounded-2xl border border-field bg-surface p-1.5 shadow-soft focus-within:border-accent focus-within:ring-3 focus-within:ring-accent-soft">
        <textarea
          aria-describedby={hintId}
          aria-label="Message"
          className="max-h-60 min-h-10 flex-1 resize-none bg-transparent px-2.5 py-2 text-base outline-none placeholder:text-muted"
          enterKeyHint="send"
          id="message"
          onChange={(event) => onDraft(event.target.value)}
          onCompositionEnd={() => (isComposing.current = false)}
          onCompositionStart={() => (isComposing.current = true)}
          onKeyDown={onKeyDown}
          placeholder="Message"
          ref={field}
          rows={1}
          value={draft}
        />
        {isRunning && (
          <button
            aria-label="Stop answering"
            className="inline-flex size-10 shrink-0 items-center justify-center rounded-xl border border-field text-ink hover:bg-hover"
            onClick={onStop}
            title="Stop answering (Escape)"
            type="button"
          >
            <span aria-hidden="true" className="size-3.5 rounded-[3px] bg-current" />
          </button>
        )}
        <IconButton
          className="rounded-xl!"
          disabled={!canSend}
          icon="send"
          label={isRunning ? "Send, to be answered next" : "Send"}
          look="primary"
          type="submit"
        />
      </div>
      <p className="mt-1.5 px-2 sm:min-h-4 text-center text-xs text-muted" id={hintId}>
        {problem !== undefined ? (
          <span className="text-danger" role="alert">
            {problem}
          </span>
        ) : (
          (blocked ?? (
            <span className="hidden sm:inline">
              {isRunning ? "Escape stops the answer" : "Enter sends, Shift+Enter makes a new line"}
            </span>
          ))
        )}
      </p>
    </form>
  );
}
