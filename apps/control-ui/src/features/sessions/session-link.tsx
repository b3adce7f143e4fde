import type { SessionRow } from "@openclaw-gateway/protocol";
import type { MouseEvent } from "react";
import { keyDefaults } from "../../app/defaults.ts";
import { pathOfSession } from "../../app/route.ts";
import { useController } from "../../app/use-app.ts";
import { shortAge } from "./session-title.ts";

type SessionLinkProps = {
  sessionKey: string;
  title: string;
  row: SessionRow | undefined;
  isOpen: boolean;
  isRunning: boolean;
  onChosen: (() => void) | undefined;
};

/** A real link, so that it can be opened in another tab and has an address to copy. */
export function SessionLink({ sessionKey, title, row, isOpen, isRunning, onChosen }: SessionLinkProps) {
  const controller = useController();
  const path = controller.place + pathOfSession(sessionKey, keyDefaults(controller.store.get().link));

  function choose(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    controller.openSession(sessionKey);
    onChosen?.();
  }

  return (
    <li>
      <a
        aria-current={isOpen ? "page" : undefined}
        className={`block rounded-lg px-3 py-2 outline-offset-[-2px] ${isOpen ? "bg-surface ring-1 ring-line" : "hover:bg-hover"}`}
        href={path}
        onClick={choose}
      >
        <span className="flex items-center gap-2">
          {isRunning && (
            <span className="size-2 shrink-0 rounded-full bg-accent">
              <span className="sr-only">Answering. </span>
            </span>
          )}
          <span className="min-w-0 flex-1 truncate text-sm font-medium">{title}</span>
          {row && (
            <time className="shrink-0 text-xs text-muted" dateTime={new Date(row.updatedAt).toISOString()}>
              {shortAge(row.updatedAt, Date.now())}
            </time>
          )}
        </span>
        {row?.lastMessagePreview !== undefined && row.lastMessagePreview !== "" && (
          <span className="mt-0.5 block truncate text-xs text-muted">{row.lastMessagePreview}</span>
        )}
      </a>
    </li>
  );
}
