import { useEffect, useState } from "react";
import { IconButton } from "./button.tsx";

const shownMs = 1_600;

export function CopyButton({ text, label, className = "" }: { text: string; label: string; className?: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <IconButton
      className={`text-muted ${className}`}
      icon={isCopied ? "check" : "copy"}
      label={isCopied ? "Copied" : label}
      onClick={() => void copyText(text).then(setCopied)}
      size="small"
    />
  );
}

/** The clipboard of the platform exists in secure contexts only; a gateway on the local network is none. */
async function copyText(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard !== undefined) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Denied: the old way may still work.
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
}
