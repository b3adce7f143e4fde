import { useEffect, useMemo, useRef } from "react";
import { mainKeyOf } from "../../app/defaults.ts";
import { useAppState, useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { ApprovalCards } from "../approvals/approval-cards.tsx";
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
            conversation.earlier !== undefined && (
              <Earlier
                key={conversation.earlier}
                onLoad={() => void chat?.loadEarlier()}
                state={conversation.loadingEarlier}
              />
            )
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
        firstSeq={entries[0]?.seq}
        items={items}
        name={name}
        onRetry={(text) => chat?.send(text)}
        pending={<Outbox canSend={link.at === "online"} isBusy={runs.length > 0} items={pending} />}
        sessionKey={sessionKey}
      />
      <ApprovalCards />
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

/** Loads older messages when it comes near the view; the button is for those who do not scroll. */
function Earlier({ state, onLoad }: { state: boolean | { error: string }; onLoad: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const latestLoad = useRef(onLoad);
  latestLoad.current = onLoad;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new IntersectionObserver((seen) => {
      if (seen.some(({ isIntersecting }) => isIntersecting)) latestLoad.current();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div className="text-center" ref={place}>
      {state === true ? (
        <Spinner className="size-5" label="Loading earlier messages" />
      ) : (
        <Button onClick={onLoad}>
          {state === false ? "Show earlier messages" : "Try again to show earlier messages"}
        </Button>
      )}
    </div>
  );
}
