import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { isObject, textAt } from "./json.ts";

export interface StubProvider extends AsyncDisposable {
  /** Base URL of its OpenAI-compatible API. */
  readonly baseUrl: string;
  /** Parsed bodies of every request, oldest first. */
  readonly requests: readonly unknown[];
}

type Step =
  | { text: string; afterMs: number }
  | { tool: string; args: Record<string, unknown>; afterMs: number }
  | { hang: true };
type Answer = { status: number; message: string } | { steps: readonly Step[] };

const plainText = "The stub model answers in twelve small pieces so streaming is visible.";
const officialText =
  "Hello from the fake model. This reply is streamed in small pieces so that delta events can be seen.";

/** Times of the recordings, divided by this: order is what matters, not the waiting. */
const hurry = 4;

const words = (text: string, gapMs: number): Step[] =>
  (text.match(/\s*\S+/g) ?? []).map((word, index) => ({ text: word, afterMs: index === 0 ? 0 : gapMs / hurry }));
const counted = (word: string, count: number): string =>
  Array.from({ length: count }, (_, index) => `${word}${index}`).join(" ");

/** What the model of the recordings did, told by a mark in the last message of the user. */
function decide(lastUser: string, hasToolResult: boolean): Answer {
  const failure = /\[\[(401|429|500)\]\]/.exec(lastUser);
  if (failure) return { status: Number(failure[1]), message: "The stub upstream failed on purpose." };
  const reply = /\[\[reply:(.*)\]\]$/s.exec(lastUser);
  if (reply) return { steps: [{ text: reply[1] ?? "", afterMs: 0 }] };
  if (lastUser.includes("[[fast]]")) return { steps: [{ text: "Quick answer.", afterMs: 0 }] };
  if (lastUser.includes("[[slow]]")) return { steps: words(counted("word", 50), 200) };
  if (lastUser.includes("[[rapid]]")) return { steps: words(counted("r", 200), 10) };
  if (lastUser.includes("[[hang]]")) return { steps: [{ hang: true }] };
  if (lastUser.includes("[[plain]]") || hasToolResult)
    return { steps: words(lastUser.includes("TOOL") ? officialText : plainText, 60) };
  if (lastUser.includes("TOOL")) return { steps: toolSteps("Let me run a tool.", "read", { path: "NOTES.txt" }) };
  if (lastUser.includes("[[tool]]")) return { steps: toolSteps("Let me look. ", "read", { path: "NOTES.txt" }) };
  const command = /\[\[exec:(.*)\]\]/.exec(lastUser);
  if (command) return { steps: toolSteps("Let me look. ", "exec", { command: command[1] }) };
  return {
    steps: words(lastUser.startsWith("probe-") || /hello|hi agent/.test(lastUser) ? officialText : plainText, 60),
  };
}

const toolSteps = (text: string, tool: string, args: Record<string, unknown>): Step[] => [
  { text, afterMs: 0 },
  { tool, args, afterMs: 100 / hurry },
];

/** A real HTTP server on loopback that speaks the streaming form of OpenAI's chat completions. */
export async function startStubProvider(): Promise<StubProvider> {
  const requests: unknown[] = [];
  let calls = 0;
  const server = createServer((request, response) => {
    answer(request, response, requests, () => `call_stub_${++calls}`).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  requests: unknown[],
  callId: () => string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  requests.push(body);
  const messages = isObject(body) && Array.isArray(body["messages"]) ? (body["messages"] as unknown[]) : [];
  const lastUser = messages.findLast((message) => textAt(message, "role") === "user");
  const planned = decide(contentOf(lastUser), textAt(messages.at(-1), "role") === "tool");
  if ("status" in planned) {
    response.writeHead(planned.status, {
      "content-type": "application/json",
      ...(planned.status === 429 && { "retry-after": "0" }),
    });
    response.end(JSON.stringify({ error: { message: planned.message, type: "stub_error" } }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const send = (delta: unknown, finishReason: string | null): void => {
    const chunk = { id: "chatcmpl-stub", object: "chat.completion.chunk", created: 1, model: "stub-1" };
    response.write(
      `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`,
    );
  };
  send({ role: "assistant", content: "" }, null);
  let finishReason = "stop";
  for (const step of planned.steps) {
    if ("hang" in step) return;
    if (step.afterMs > 0) await pause(step.afterMs);
    if (response.destroyed) return;
    if ("text" in step) send({ content: step.text }, null);
    else {
      finishReason = "tool_calls";
      const call = {
        index: 0,
        id: callId(),
        type: "function",
        function: { name: step.tool, arguments: JSON.stringify(step.args) },
      };
      send({ tool_calls: [call] }, null);
    }
  }
  send({}, finishReason);
  const usage = { prompt_tokens: 100, completion_tokens: 24, total_tokens: 124 };
  response.write(
    `data: ${JSON.stringify({ id: "chatcmpl-stub", object: "chat.completion.chunk", created: 1, model: "stub-1", choices: [], usage })}\n\n`,
  );
  response.end("data: [DONE]\n\n");
}

/** The text of a message, sent as a string or as parts. */
function contentOf(message: unknown): string {
  const content = isObject(message) ? message["content"] : undefined;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => textAt(part, "text") ?? "")
    .join("\n")
    .trim();
}
