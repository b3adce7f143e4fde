import { useEffect, useMemo, useRef } from "react";
import { mainKeyOf } from "../../app/defaults.ts";
import { useAppState, useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { ConnectionBanner } from "../connect/connection-banner.tsx";
import { agentName, modelLabel } from "../sessions/catalog.ts";
import { sessionTitle } from "../sessions/session-title.ts";
import { ChatHeader } from "./chat-header.tsx";
import { Composer } from "./composer.tsx";
import { EmptyChat } from "./empty-chat.tsx";
import { MessageList } from "./message-list.tsx";
import { Outbox } from "./outbox-list.tsx";
import { storedItems, withRuns } from "./transcript.ts";
import { useChatActions } from "./use-chat-actions.ts";
import { useDraft } from "./use-draft.ts";

/** The open session: transcript, messages on their way, composer. */
export function ChatPage({ onMenu }: { onMenu: () => void }) {
  const { chat } = useController();
  const link = useAppState((state) => state.link);
  const catalog = useAppState((state) => state.catalog);
  const rows = useAppState((state) => state.sessions.rows);
  const conversation = useAppState((state) => state.conversation);
  const allPending = useAppState((state) => state.outbox);
  const { sessionKey, entries, runs, load } = conversation;

  const field = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useDraft(sessionKey);
  const pending = useMemo(() => allPending.filter((item) => item.sessionKey === sessionKey), [allPending, sessionKey]);
  const stored = useMemo(() => storedItems(entries), [entries]);
  const items = useMemo(() => withRuns(stored, entries, runs), [stored, entries, runs]);
  const row = rows.find(({ key }) => key === sessionKey);
  const agentId = row?.agentId ?? /^agent:([^:]+):/.exec(sessionKey)?.[1] ?? catalog.defaultAgentId;
  const name = agentName(catalog, agentId);
  const title = sessionTitle(sessionKey, row, mainKeyOf(link));
  const { isRunning, stop, stopProblem, blocked } = useChatActions(conversation, pending, row);

  useEffect(() => {
    document.title = sessionKey === "" ? "OpenClaw Gateway" : `${title} · OpenClaw`;
  }, [sessionKey, title]);
  // A phone would open its keyboard.
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [sessionKey]);

  function send(): void {
    chat?.send(draft.trim());
    setDraft("");
  }

  const isEmpty = items.length === 0 && pending.length === 0;
  return (
    <main className="flex h-full min-w-0 flex-1 flex-col bg-paper">
      <ChatHeader model={modelLabel(catalog, agentId, row)} onMenu={onMenu} title={title} />
      {link.at === "reconnecting" && <ConnectionBanner link={link} />}
      <MessageList
        earlier={
          typeof load === "object" ? (
            <LoadFailed message={load.error} onRetry={() => void chat?.loadHistory()} />
          ) : (
            conversation.hasEarlier && <Earlier count={entries.length} onLoad={() => void chat?.loadEarlier()} />
          )
        }
        empty={
          isEmpty && typeof load !== "object" ? (
            load === "loading" ? (
              <Loading />
            ) : (
              <EmptyChat
                name={name}
                onIdea={(idea) => {
                  setDraft(idea);
                  field.current?.focus();
                }}
              />
            )
          ) : undefined
        }
        items={items}
        name={name}
        onRetry={(text) => chat?.send(text)}
        pending={<Outbox canSend={link.at === "online"} isBusy={runs.length > 0} items={pending} />}
        sessionKey={sessionKey}
      />
      <Composer
        blocked={blocked}
        draft={draft}
        field={field}
        isRunning={isRunning}
        onDraft={setDraft}
        onSend={send}
        onStop={stop}
        problem={stopProblem}
      />
      <p aria-live="polite" className="sr-only" data-announcement="" key={sessionKey}>
        {conversation.announcement?.text}
      </p>
    </main>
  );
}

const Loading = () => (
  <div className="flex flex-1 items-center justify-center py-20">
    <Spinner className="size-6" label="Loading the conversation" />
  </div>
);

function LoadFailed({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div className="rounded-xl bg-danger-soft p-4 text-sm" role="alert">
      <p className="font-semibold text-danger">The conversation could not be read</p>
      <p className="mt-0.5">{message}</p>
      <Button className="mt-2.5" icon="retry" onClick={onRetry}>
        Retry
      </Button>
    </div>
  );
}

/** The gateway gives at most this many messages at once. */
const longestPage = 1_000;

function Earlier({ count, onLoad }: { count: number; onLoad: () => void }) {
  if (count >= longestPage) return <p className="text-center text-xs text-muted">Older messages are not shown</p>;
  return (
    <div className="text-center">
      <Button onClick={onLoad}>Show earlier messages</Button>
    </div>
  );
}
