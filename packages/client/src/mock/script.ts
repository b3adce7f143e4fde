import type { ApprovalDecision, TranscriptMessage } from "@openclaw-gateway/protocol";
import type { Random } from "./random.ts";

/** One thing a simulated agent does. */
export type MockStep =
  /** Text of the answer; it is told word by word. */
  | { say: string }
  | { think: string }
  /** A tool call with what the tool answers. Nothing is run. */
  | { tool: string; args?: Record<string, unknown>; result?: string; isError?: boolean }
  /** Milliseconds on the gateway's clock. */
  | { waitMs: number }
  /** The turn fails here, as it does when a provider refuses. */
  | { fail: string };

/** A turn that a simulated agent is to answer. */
export type MockTurn = {
  runId: string;
  sessionKey: string;
  agentId: string;
  message: string;
  /** What was said before in this session. */
  history: readonly TranscriptMessage[];
  /** Numbers of the gateway's seed. */
  random: Random;
  /** Tool policy: whether `exec` waits for a person. */
  asksBeforeExec: boolean;
  /** Asks a person about a command, as `exec` does; `null` when nobody answered in time. */
  approve(command: string): Promise<ApprovalDecision | null>;
};

/** What a simulated agent says: whole text, or steps. An async generator may wait for an approval between two steps. */
export type MockReply = (turn: MockTurn) => string | Iterable<MockStep> | AsyncIterable<MockStep>;

const tools = ["read", "write", "edit", "exec", "process", "browser", "web_fetch", "web_search"];

/**
 * The reply of an agent nobody has written a script for. `<tool> <words>` simulates that tool, `exec` after an approval where
 * the policy asks for one; `fail <why>` fails; everything else is answered with a phrase and the message.
 */
export async function* defaultReply(turn: MockTurn): AsyncGenerator<MockStep> {
  const [word = "", ...rest] = turn.message.trim().split(/\s+/);
  const words = rest.join(" ");
  if (word === "fail") return yield { fail: words || "the simulated provider failed" };
  if (!tools.includes(word) || words === "") return yield { say: phrase(turn) };
  yield { say: `I use ${word}. ` };
  if (word === "exec" && turn.asksBeforeExec) {
    const decision = await turn.approve(words);
    if (decision === null || decision === "deny") {
      yield { tool: word, args: { command: words }, result: "denied: nobody allowed this command", isError: true };
      return yield { say: "I was not allowed to." };
    }
  }
  yield { tool: word, args: argsOf(word, words), result: `[simulated ${word}] ${words}` };
  yield { say: `Done: ${word} ${words}.` };
}

const phrase = ({ random, message }: MockTurn): string =>
  random.pick([
    `This is a simulated answer. You said: ${message}`,
    `No model was asked. Your message was: ${message}`,
    `The mock agent has read: ${message}`,
  ]);

function argsOf(tool: string, words: string): Record<string, unknown> {
  if (tool === "exec" || tool === "process") return { command: words };
  if (tool === "web_search") return { query: words };
  return tool === "browser" || tool === "web_fetch" ? { url: words } : { path: words };
}
