import { WaitingDevices } from "../features/devices/waiting-list.tsx";
import { SessionList } from "../features/sessions/session-list.tsx";
import { IconButton } from "../ui/button.tsx";
import { Logo } from "../ui/icon.tsx";
import { PageLinks } from "./page-links.tsx";
import { ThemeToggle } from "./theme-toggle.tsx";
import { useAppState, useController } from "./use-app.ts";

/** Chats, and what concerns the whole page. `onClose` is there in a drawer. */
export function Sidebar({ onClose }: { onClose?: () => void }) {
  const { link: gateway } = useController();
  const link = useAppState((state) => state.link);
  const page = useAppState((state) => state.page);
  const version = link.at === "online" || link.at === "reconnecting" ? link.hello.server.version : "";
  return (
    <div className="flex h-full flex-col bg-side">
      <div className="flex items-center gap-2.5 px-4 pt-[max(0.875rem,env(safe-area-inset-top))] pb-3">
        <Logo className="size-7" />
        <p className="flex-1 font-semibold tracking-tight">OpenClaw</p>
        {onClose && <IconButton icon="close" label="Close" onClick={onClose} />}
      </div>
      <SessionList {...(onClose && { onChosen: onClose })} />
      {page !== "devices" && <WaitingDevices />}
      <PageLinks {...(onClose && { onChosen: onClose })} />
      <footer className="flex items-center gap-1 border-t border-line px-3 pt-1.5 pb-[max(0.375rem,env(safe-area-inset-bottom))]">
        <p className="min-w-0 flex-1 truncate px-1 text-xs text-muted">Gateway {version}</p>
        <ThemeToggle />
        <IconButton icon="leave" label="Sign out" onClick={gateway.signOut} />
      </footer>
    </div>
  );
}
