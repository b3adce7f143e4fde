export type * from "../../conversations/conversation-store.ts";
