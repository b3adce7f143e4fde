import { type ReactNode, useEffect, useRef } from "react";
import { ConnectionBanner } from "../features/connect/connection-banner.tsx";
import { IconButton } from "../ui/button.tsx";
import { useAppState } from "./use-app.ts";

type PageFrameProps = { title: string; actions?: ReactNode; onMenu: () => void; children: ReactNode };

/** A page beside the chats: its heading, the state of the connection, and what it is about. */
export function PageFrame({ title, actions, onMenu, children }: PageFrameProps) {
  const link = useAppState((state) => state.link);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · OpenClaw`;
    heading.current?.focus();
  }, [title]);
  return (
    <main className="flex h-full min-w-0 flex-1 flex-col bg-paper">
      <header className="flex min-h-14 items-center gap-2 border-b border-line px-2 pt-[env(safe-area-inset-top)] sm:px-4">
        <IconButton className="md:hidden" icon="menu" label="Open chats" onClick={onMenu} />
        <h1
          className="min-w-0 flex-1 truncate px-1 font-semibold outline-none"
          id="page-heading"
          ref={heading}
          tabIndex={-1}
        >
          {title}
        </h1>
        {actions}
      </header>
      {link.at === "reconnecting" && <ConnectionBanner link={link} />}
      <div aria-labelledby="page-heading" className="min-h-0 flex-1 overflow-y-auto" role="region" tabIndex={0}>
        <div className="mx-auto max-w-3xl px-4 py-6 sm:px-6">{children}</div>
      </div>
    </main>
  );
}

/** What stands in the place of a page that the person may not use. */
export function NotAllowed({ scope, children }: { scope: string; children: ReactNode }) {
  return (
    <div className="rounded-2xl border border-line bg-surface p-5 text-sm">
      <p className="font-semibold">You are signed in without the permission for this page</p>
      <p className="mt-2 text-muted">
        It needs <code className="text-ink">{scope}</code>. {children}
      </p>
    </div>
  );
}
