import { IconButton } from "../../ui/button.tsx";
import type { ModelLabel } from "../sessions/catalog.ts";

type ChatHeaderProps = { title: string; model: ModelLabel | undefined; onMenu: () => void };

export function ChatHeader({ title, model, onMenu }: ChatHeaderProps) {
  return (
    <header className="flex min-h-14 items-center gap-2 border-b border-line px-2 pt-[env(safe-area-inset-top)] sm:px-4">
      <IconButton className="md:hidden" icon="menu" label="Open chats" onClick={onMenu} />
      <h1 className="min-w-0 flex-1 truncate px-1 font-semibold">{title}</h1>
      {model && (
        <p
          className="flex min-w-0 max-w-[45%] items-center gap-2 rounded-full border border-line bg-surface px-3 py-1 text-xs"
          title={model.ref}
        >
          <span className="sr-only">Model: </span>
          <span className="truncate">{model.name}</span>
          {model.isDemo && (
            <span
              className="shrink-0 rounded-full bg-warn-soft px-1.5 py-px font-semibold text-warn"
              title="No provider is set up; the built-in demo answers"
            >
              demo
            </span>
          )}
        </p>
      )}
    </header>
  );
}
