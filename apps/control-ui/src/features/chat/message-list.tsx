import { memo, type ReactNode, useRef } from "react";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Answer } from "./answer.tsx";
import { SummaryCard } from "./cards.tsx";
import { OwnMessage } from "./own-message.tsx";
import type { Item } from "./transcript.ts";
import { useFollowScroll } from "./use-follow-scroll.ts";
import { useStayInPlace } from "./use-stay-in-place.ts";

type MessageListProps = {
  sessionKey: string;
  items: readonly Item[];
  /** Position of the first stored message that is shown. */
  firstSeq: number | undefined;
  name: string;
  /** After the transcript: own messages on their way. */
  pending: ReactNode;
  /** Above the transcript: how to get older messages. */
  earlier: ReactNode;
  /** Instead of everything, while there is nothing. */
  empty: ReactNode;
  onRetry: (text: string) => void;
};

export const MessageList = memo(
  ({ sessionKey, items, firstSeq, name, pending, earlier, empty, onRetry }: MessageListProps) => {
    const frame = useRef<HTMLDivElement>(null);
    const content = useRef<HTMLDivElement>(null);
    const { isAtEnd, jump } = useFollowScroll(frame, content, sessionKey);
    useStayInPlace(frame, sessionKey, firstSeq);
    const question = lastQuestion(items);

    return (
      <div className="relative min-h-0 flex-1">
        <div
          aria-label="Conversation"
          className="h-full overflow-y-auto overscroll-contain outline-offset-[-2px]"
          ref={frame}
          role="region"
          tabIndex={0}
        >
          <div className="mx-auto flex min-h-full max-w-3xl flex-col px-4 sm:px-6" ref={content}>
            {empty ?? (
              <div className="space-y-7 py-6">
                {earlier}
                {items.map((item, index) => {
                  if (item.kind === "user") return <OwnMessage item={item} key={item.id} />;
                  if (item.kind === "summary") return <SummaryCard key={item.id} summary={item.summary} />;
                  const canRetry = index === items.length - 1 && question !== undefined;
                  return (
                    <Answer
                      item={item}
                      key={item.id}
                      name={name}
                      onRetry={canRetry ? () => onRetry(question) : undefined}
                    />
                  );
                })}
                {pending}
              </div>
            )}
          </div>
        </div>
        {!isAtEnd && empty === undefined && (
          <Button className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full! shadow-soft" onClick={jump}>
            <Icon className="size-4" name="down" />
            Jump to latest
          </Button>
        )}
      </div>
    );
  },
);

function lastQuestion(items: readonly Item[]): string | undefined {
  const last = items.findLast((item) => item.kind === "user");
  return last?.kind === "user" && last.text !== "" ? last.text : undefined;
}
