import { useState } from "react";

const drafts = new Map<string, string>();

/** What is written but not sent, for each session, as long as the page lives. */
export function useDraft(sessionKey: string): readonly [string, (text: string) => void] {
  const [, redraw] = useState(0);
  return [
    drafts.get(sessionKey) ?? "",
    (text) => {
      if (text === "") drafts.delete(sessionKey);
      else drafts.set(sessionKey, text);
      redraw((count) => count + 1);
    },
  ];
}
