import {
  canonicalSessionKey,
  GatewayError,
  methodGroups,
  parseSessionKey,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import { type CallMethod, implement } from "../../rpc/handler.ts";

/** The channel that is meant where none is named, as recorded. */
const unnamedChannel = "whatsapp";

/** This gateway has no channels yet: what is sent reaches sessions, and a channel is refused by its name. */
export function createChannels(deps: {
  conversations: Pick<Conversations, "session">;
  keys: () => SessionKeyDefaults;
  call: CallMethod;
}) {
  const { conversations, keys, call } = deps;

  async function sessionNamed(to: string): Promise<string | undefined> {
    const key = canonicalSessionKey(to, keys());
    return parseSessionKey(to) || (await conversations.session(key)) ? key : undefined;
  }

  return implement(methodGroups.channels, {
    send: async ({ to, message, channel, mediaUrl, mediaUrls, idempotencyKey }, ctx) => {
      const sessionKey = channel === undefined ? await sessionNamed(to) : undefined;
      if (sessionKey === undefined)
        throw new GatewayError("INVALID_REQUEST", `unsupported channel: ${channel ?? unnamedChannel}`);
      if (mediaUrl !== undefined || mediaUrls !== undefined)
        throw new GatewayError("INVALID_REQUEST", "mediaUrl: a session takes attachments by chat.send, not addresses");
      const { runId = idempotencyKey } = await call("chat.send", { sessionKey, message, idempotencyKey }, ctx);
      return { runId, channel: "session", sessionKey };
    },
  });
}
