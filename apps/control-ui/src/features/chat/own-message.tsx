import { memo, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import type { OutboxItem } from "./outbox.ts";
import type { UserItem } from "./transcript.ts";

function Bubble({ text, isFaint = false, children }: { text: string; isFaint?: boolean; children?: ReactNode }) {
  return (
    <article aria-label="You" className="flex flex-col items-end" data-kind={isFaint ? "pending" : "own"}>
      {text !== "" && (
        <p
          className={`max-w-[88%] rounded-2xl rounded-br-md bg-bubble px-4 py-2.5 break-words whitespace-pre-wrap sm:max-w-[80%] ${isFaint ? "border border-dashed border-field bg-transparent" : ""}`}
        >
          {text}
        </p>
      )}
      {children}
    </article>
  );
}

export const OwnMessage = memo(({ item }: { item: UserItem }) => (
  <Bubble text={item.text}>
    {item.images > 0 && (
      <p className="mt-1 text-xs text-muted">{item.images === 1 ? "1 image" : `${item.images} images`}</p>
    )}
  </Bubble>
));

type PendingProps = {
  item: OutboxItem;
  /** Another turn has to end first. */
  isWaiting: boolean;
  canSend: boolean;
  onRetry: (id: string) => void;
  onDrop: (id: string) => void;
  onCancel: (id: string) => void;
};

/** A message of ours on its way into the transcript. */
export const PendingMessage = memo(({ item, isWaiting, canSend, onRetry, onDrop, onCancel }: PendingProps) => (
  <Bubble isFaint text={item.text}>
    <div className="mt-1.5 flex flex-wrap items-center justify-end gap-2 text-xs text-muted">
      {item.state === "sending" && (
        <>
          <Spinner className="size-3.5" label="Sending" /> Sending…
        </>
      )}
      {item.state === "accepted" && (
        <>
          <span>{isWaiting ? "Queued" : "Delivered"}</span>
          {isWaiting && (
            <Button
              aria-label="Cancel this queued message"
              className="min-h-7! py-0.5! text-xs!"
              look="quiet"
              onClick={() => onCancel(item.id)}
            >
              Cancel
            </Button>
          )}
        </>
      )}
      {item.state === "cancelled" && <span>Stopped before it began</span>}
      {item.state === "failed" && (
        <span className="inline-flex items-center gap-1.5 text-danger" role="alert">
          <Icon className="size-4" name="alert" />
          Not sent. {item.error}
        </span>
      )}
      {(item.state === "failed" || item.state === "cancelled") && (
        <>
          {item.state === "failed" && (
            <Button
              className="min-h-7! py-0.5! text-xs!"
              disabled={!canSend}
              icon="retry"
              onClick={() => onRetry(item.id)}
            >
              Retry
            </Button>
          )}
          <Button className="min-h-7! py-0.5! text-xs!" look="quiet" onClick={() => onDrop(item.id)}>
            Remove
          </Button>
        </>
      )}
    </div>
  </Bubble>
));
