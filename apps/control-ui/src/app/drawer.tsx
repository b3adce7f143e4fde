import { type ReactNode, useEffect, useRef } from "react";

/** A panel from the side. The platform's modal dialog keeps the focus inside, closes on Escape and gives the focus back. */
export function Drawer({
  label,
  isOpen,
  onClose,
  children,
}: {
  label: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    if (isOpen && !element.open) element.showModal();
    if (!isOpen && element.open) element.close();
  }, [isOpen]);
  return (
    <dialog
      aria-label={label}
      className="drawer m-0 h-dvh max-h-none w-[min(20rem,88vw)] max-w-none bg-side text-ink shadow-soft"
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      onClose={onClose}
      ref={dialog}
    >
      {isOpen && children}
    </dialog>
  );
}
