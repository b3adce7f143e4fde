import type { MouseEvent } from "react";
import { Icon, type IconName } from "../ui/icon.tsx";
import { pathOfPage, type sidePages } from "./route.ts";
import { useAppState, useController } from "./use-app.ts";

const links: Readonly<Record<(typeof sidePages)[number], { name: string; icon: IconName }>> = {
  devices: { name: "Devices", icon: "devices" },
  audit: { name: "Audit log", icon: "list" },
};
const pages = Object.keys(links) as (typeof sidePages)[number][];

/** The pages beside the chats. `onChosen` closes a drawer. */
export function PageLinks({ onChosen }: { onChosen?: () => void }) {
  const controller = useController();
  const open = useAppState((state) => state.page);
  const waiting = useAppState(({ devices }) => devices.pending.length + devices.pendingNodes.length);

  function choose(event: MouseEvent, page: (typeof pages)[number]): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    controller.openPage(page);
    onChosen?.();
  }

  return (
    <nav aria-label="Pages" className="border-t border-line px-2 py-1.5">
      {pages.map((page) => (
        <a
          aria-current={open === page ? "page" : undefined}
          className={`flex min-h-9 items-center gap-2.5 rounded-lg px-3 text-sm font-medium outline-offset-[-2px] ${open === page ? "bg-surface ring-1 ring-line" : "hover:bg-hover"}`}
          href={controller.place + pathOfPage(page)}
          key={page}
          onClick={(event) => choose(event, page)}
        >
          <Icon className="size-4 text-muted" name={links[page].icon} />
          <span className="flex-1">{links[page].name}</span>
          {page === "devices" && waiting > 0 && (
            <span className="rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent">
              {waiting}
              <span className="sr-only"> waiting for approval</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
