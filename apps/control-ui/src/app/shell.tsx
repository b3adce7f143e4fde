import { useCallback, useEffect, useState } from "react";
import { ChatPage } from "../features/chat/chat-page.tsx";
import { Drawer } from "./drawer.tsx";
import { Sidebar } from "./sidebar.tsx";

const wide = "(min-width: 48rem)";

/** Chats beside the conversation; on a narrow screen they come as a drawer. */
export function Shell() {
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const close = useCallback(() => setDrawerOpen(false), []);
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
        href="#message"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>("#message")?.focus();
        }}
      >
        Go to the message field
      </a>
      <aside aria-label="Sidebar" className="hidden w-72 shrink-0 border-r border-line md:block">
        <Sidebar />
      </aside>
      <ChatPage onMenu={() => setDrawerOpen(true)} />
      <Drawer isOpen={isDrawerOpen} label="Chats" onClose={close}>
        <Sidebar onClose={close} />
      </Drawer>
    </div>
  );
}
