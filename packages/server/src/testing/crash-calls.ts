import type { CrashClient } from "./crash-subject.ts";

/** The methods that start a run, and their parameters for one message whose text is its key. */
export const startingMethods = ["chat.send", "agent", "sessions.send"] as const;
export type StartingMethod = (typeof startingMethods)[number];

export const paramsOf: Record<StartingMethod, (key: string, run: string) => Record<string, unknown>> = {
  "chat.send": (sessionKey, run) => ({ sessionKey, message: run, idempotencyKey: run }),
  agent: (sessionKey, run) => ({ sessionKey, message: run, idempotencyKey: run }),
  "sessions.send": (key, run) => ({ key, message: run, idempotencyKey: run }),
};

type Message = { role: string; stopReason?: string; content: { type: string; text?: string }[] };

export async function historyOf(client: CrashClient, sessionKey: string): Promise<Message[]> {
  const answer = await client.request("chat.history", { sessionKey, limit: 1000 });
  if (!answer) throw new Error("the gateway went away");
  return (answer.payload as { messages: Message[] }).messages;
}

export const usersIn = (messages: Message[]): (string | undefined)[] =>
  messages.filter(({ role }) => role === "user").map(({ content }) => content[0]?.text);
