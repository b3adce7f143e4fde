import { useController } from "../../app/use-app.ts";
import type { OutboxItem } from "./outbox.ts";
import { PendingMessage } from "./own-message.tsx";

/** Own messages that are not in the transcript yet. */
export function Outbox({
  items,
  isBusy,
  canSend,
}: {
  items: readonly OutboxItem[];
  isBusy: boolean;
  canSend: boolean;
}) {
  const { chat } = useController();
  return items.map((item, index) => (
    <PendingMessage
      canSend={canSend}
      isWaiting={isBusy || index > 0}
      item={item}
      key={`sent-${item.id}`}
      onCancel={(id) => {
        chat?.abort(id).catch(() => {
          // It has begun meanwhile, or the link is lost: what happens next shows it.
        });
      }}
      onDrop={(id) => chat?.drop(id)}
      onRetry={(id) => chat?.resend(id)}
    />
  ));
}
