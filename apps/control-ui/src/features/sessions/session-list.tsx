import { useMemo, useState } from "react";
import type { SessionRow } from "@openclaw-gateway/protocol";
import { mainKeyOf } from "../../app/defaults.ts";
import { useAppState, useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { sessionTitle } from "./session-title.ts";
import { SessionLink } from "./session-link.tsx";

/** All sessions, newest first, with a filter and a way to a new one. `onChosen` closes a drawer. */
export function SessionList({ onChosen }: { onChosen?: () => void }) {
  const controller = useController();
  const link = useAppState((state) => state.link);
  const sessions = useAppState((state) => state.sessions);
  const openKey = useAppState((state) => (state.page === "chat" ? state.conversation.sessionKey : ""));
  const [filter, setFilter] = useState("");
  const mainKey = mainKeyOf(link);
  const rows = useMemo(() => visibleRows(sessions.rows, filter, mainKey), [sessions.rows, filter, mainKey]);
  const isUnlisted = filter === "" && openKey !== "" && !sessions.rows.some(({ key }) => key === openKey);

  return (
    <nav aria-label="Chats" className="flex min-h-0 flex-1 flex-col">
      <div className="space-y-2 px-3 pb-2">
        <Button
          className="w-full justify-start!"
          icon="plus"
          onClick={() => {
            controller.newChat();
            onChosen?.();
          }}
        >
          New chat
        </Button>
        <label className="flex h-9 items-center gap-2 rounded-lg border border-line bg-paper px-3 text-muted focus-within:outline-2 focus-within:outline-accent">
          <Icon className="size-4" name="search" />
          <span className="sr-only">Filter chats</span>
          <input
            className="min-w-0 flex-1 bg-transparent text-sm text-ink outline-none placeholder:text-muted"
            onChange={(event) => setFilter(event.target.value)}
            placeholder="Filter chats"
            type="search"
            value={filter}
          />
        </label>
      </div>
      {typeof sessions.load === "object" && (
        <div className="mx-3 mb-2 rounded-lg bg-danger-soft p-3 text-sm" role="alert">
          <p>The list could not be read: {sessions.load.error}</p>
          <Button className="mt-2" icon="retry" onClick={controller.reloadSessions}>
            Retry
          </Button>
        </div>
      )}
      <ul className="min-h-0 flex-1 space-y-0.5 overflow-y-auto px-2 pb-3">
        {isUnlisted && (
          <SessionLink
            isOpen
            isRunning={false}
            onChosen={onChosen}
            row={undefined}
            sessionKey={openKey}
            title={sessionTitle(openKey, undefined, mainKey)}
          />
        )}
        {rows.map((row) => (
          <SessionLink
            isOpen={row.key === openKey}
            isRunning={row.key in sessions.running}
            key={row.key}
            onChosen={onChosen}
            row={row}
            sessionKey={row.key}
            title={sessionTitle(row.key, row, mainKey)}
          />
        ))}
        {sessions.load === "ready" && rows.length === 0 && !isUnlisted && (
          <li className="px-3 py-6 text-center text-sm text-muted">
            {filter === "" ? "No chats yet" : "No chat matches"}
          </li>
        )}
        {sessions.hasMore && filter === "" && (
          <li className="px-3 py-3 text-center text-xs text-muted">Older chats are not listed</li>
        )}
      </ul>
    </nav>
  );
}

function visibleRows(rows: readonly SessionRow[], filter: string, mainKey: string): readonly SessionRow[] {
  const wanted = filter.trim().toLowerCase();
  if (wanted === "") return rows;
  return rows.filter((row) =>
    `${sessionTitle(row.key, row, mainKey)} ${row.lastMessagePreview ?? ""} ${row.key}`.toLowerCase().includes(wanted),
  );
}
