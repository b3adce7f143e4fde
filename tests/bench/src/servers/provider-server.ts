// A model provider in the OpenAI streaming form. A process of its own; says its port and later each stream's times to its parent.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { monotonicMs } from "../monotonic.ts";
import { readOrder, type StreamOrder, type StreamReport, tokenText } from "../tokens.ts";

type ChatRequest = { messages?: { role: string; content: string | { type: string; text?: string }[] }[] };

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST" || !request.url?.endsWith("/chat/completions"))
    return void response.writeHead(404).end();
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const order = orderOf(JSON.parse(Buffer.concat(parts).toString("utf8")) as ChatRequest);
  if (!order) return void response.writeHead(400).end();
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.socket?.setNoDelay(true);
  stream(order, response);
}

function orderOf({ messages = [] }: ChatRequest): StreamOrder | undefined {
  const content = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return readOrder(typeof content === "string" ? content : content.map(({ text = "" }) => text).join(""));
}

function stream({ streamId, tokens, intervalMs }: StreamOrder, response: ServerResponse): void {
  const startedAtMs = monotonicMs();
  const sentAtMs: number[] = [];
  const chunk = (delta: object, finish: string | null, rest: object = {}): string =>
    `data: ${JSON.stringify({ id: streamId, object: "chat.completion.chunk", created: 0, model: "bench-1", choices: [{ index: 0, delta, finish_reason: finish }], ...rest })}\n\n`;

  function next(): void {
    if (response.destroyed) return;
    const index = sentAtMs.length;
    if (index === tokens) {
      const usage = { prompt_tokens: 10, completion_tokens: tokens, total_tokens: tokens + 10 };
      response.end(`${chunk({}, "stop", { usage })}data: [DONE]\n\n`);
      return void process.send?.({ streamId, sentAtMs } satisfies StreamReport);
    }
    sentAtMs.push(monotonicMs());
    response.write(chunk({ ...(index === 0 && { role: "assistant" }), content: tokenText(index) }, null));
    // By the plan, not by the last token: a late timer is caught up.
    setTimeout(next, Math.max(0, startedAtMs + (index + 2) * intervalMs - monotonicMs()));
  }
  setTimeout(next, intervalMs);
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.({ port: address.port });
});
process.on("disconnect", () => process.exit(0));
