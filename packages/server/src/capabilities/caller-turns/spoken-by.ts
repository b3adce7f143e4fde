import { visibleText } from "@openclaw-gateway/protocol";
import type { CallerItem } from "../../conversations/conversation-store.ts";

/** What lists of waiting messages show of a request. */
export function spokenBy(items: readonly CallerItem[]): string {
  const texts = items.map((item) => {
    if (item.type === "message") return visibleText({ content: item.content });
    return item.type === "result" ? `[result of ${item.callId}]` : "";
  });
  return texts.filter((text) => text !== "").join("\n\n");
}
