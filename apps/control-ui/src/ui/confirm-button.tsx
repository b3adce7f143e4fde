import { useEffect, useRef, useState } from "react";
import { Button } from "./button.tsx";

type ConfirmButtonProps = {
  /** On the button, and with `question` for those who cannot see where it stands. */
  label: string;
  /** What is about to happen. */
  question: string;
  onConfirm: () => void;
};

/** A button for what cannot be taken back: it asks in its own place before it acts. */
export function ConfirmButton({ label, question, onConfirm }: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const confirm = useRef<HTMLButtonElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  useEffect(() => {
    // The focus follows what took the place of the button, and comes back.
    if (isAsking) confirm.current?.focus();
    else if (wasAsking.current) opener.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);
  if (!isAsking) {
    return (
      <Button ref={opener} onClick={() => setAsking(true)}>
        {label}
      </Button>
    );
  }
  return (
    <div
      aria-label={question}
      className="flex w-full flex-wrap items-center gap-2 rounded-lg bg-danger-soft p-2"
      onKeyDown={(event) => {
        if (event.key === "Escape") setAsking(false);
      }}
      role="group"
    >
      <span className="min-w-0 grow basis-full px-1 sm:basis-0">{question}</span>
      <Button
        look="danger"
        ref={confirm}
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {label}
      </Button>
      <Button onClick={() => setAsking(false)}>Keep</Button>
    </div>
  );
}
