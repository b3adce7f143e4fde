import { useCallback, useEffect, useState } from "react";
import { AuditPage } from "../features/audit/audit-page.tsx";
import { ChatPage } from "../features/chat/chat-page.tsx";
import { DevicesPage } from "../features/devices/devices-page.tsx";
import { Drawer } from "./drawer.tsx";
import { Sidebar } from "./sidebar.tsx";
import { useAppState } from "./use-app.ts";

const wide = "(min-width: 48rem)";

/** Chats beside the conversation; on a narrow screen they come as a drawer. */
export function Shell() {
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const page = useAppState((state) => state.page);
  const openDrawer = useCallback(() => setDrawerOpen(true), []);
  const close = useCallback(() => setDrawerOpen(false), []);
  const target = page === "chat" ? "#message" : "#page-heading";
  useEffect(() => {
    const media = matchMedia(wide);
    const onChange = (): void => {
      if (media.matches) close();
    };
    media.addEventListener("change", onChange);
    return () => media.removeEventListener("change", onChange);
  }, [close]);
  return (
    <div className="flex h-dvh">
      <a
        className="fixed top-2 left-2 z-10 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-sm font-medium text-on-accent focus:translate-y-0"
        href={target}
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>(target)?.focus();
        }}
      >
        {page === "chat" ? "Go to the message field" : "Go to the page"}
      </a>
      <aside aria-label="Sidebar" className="hidden w-72 shrink-0 border-r border-line md:block">
        <Sidebar />
      </aside>
      {page === "chat" && <ChatPage onMenu={openDrawer} />}
      {page === "devices" && <DevicesPage onMenu={openDrawer} />}
      {page === "audit" && <AuditPage onMenu={openDrawer} />}
      <Drawer isOpen={isDrawerOpen} label="Chats" onClose={close}>
        <Sidebar onClose={close} />
      </Drawer>
    </div>
  );
}
