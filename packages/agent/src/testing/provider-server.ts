import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { anthropicMessages } from "./anthropic-messages.ts";
import { answerEmbeddings } from "./openai-embeddings.ts";
import { googleGenerative } from "./google-generative.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import {
  answerByMarkers,
  chunksOf,
  type ProviderRequest,
  type Script,
  type ScriptedAnswer,
} from "./scripted-answer.ts";
import { type Json, record, type WireForm } from "./wire-form.ts";

const forms: readonly WireForm[] = [openaiChat, openaiResponses, anthropicMessages, googleGenerative];

export type ReceivedRequest = ProviderRequest & {
  /** True when the answer was sent to its end, false when the other side hung up before. */
  finished: Promise<boolean>;
};

export interface ProviderServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`; base addresses of providers are this, with `/v1` for the OpenAI forms. */
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Bodies of requests for embeddings; they are answered by `vectorOf` each text. */
  readonly embeddings: readonly Json[];
  /** Replaces the script for the requests to come; without an argument markers decide again. */
  script(script?: Script): void;
  /** Settles when the request with this number (from 1) has arrived. */
  request(n: number): Promise<ReceivedRequest>;
  close(): Promise<void>;
}

/** A model provider on a local port that says what a script tells it to, in the streaming forms of OpenAI, Anthropic and Google. */
export async function startProviderServer(script: Script = answerByMarkers): Promise<ProviderServer> {
  let current = script;
  const requests: ReceivedRequest[] = [];
  const awaited = new Map<number, PromiseWithResolvers<ReceivedRequest>>();
  const embeddings: Json[] = [];
  const closing = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (request.method === "POST" && path === "/v1/embeddings") {
      return answerEmbeddings(record(JSON.parse(await readBody(request))), response, embeddings);
    }
    const form = forms.find((each) => each.matches(path));
    if (request.method !== "POST" || !form) return void response.writeHead(404).end();
    const body = record(JSON.parse(await readBody(request)));
    const { promise: finished, resolve } = Promise.withResolvers<boolean>();
    response.once("close", () => resolve(response.writableFinished));
    const facts = form.read(path, body);
    const isSame = (other: ProviderRequest) =>
      other.lastUserText === facts.lastUserText && other.toolResults.length === 0;
    const received = {
      n: requests.length + 1,
      path,
      headers: headersOf(request),
      body,
      ...facts,
      nForText: requests.filter(isSame).length + 1,
      finished,
    };
    requests.push(received);
    awaited.get(received.n)?.resolve(received);
    await perform(current(received), form, received.model, response, closing.signal);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  const { promise: listening, resolve: onListening } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", onListening);
  await listening;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the provider server has no port");

  const close = async (): Promise<void> => {
    closing.abort();
    if (!server.listening) return;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    embeddings,
    script: (next = answerByMarkers) => {
      current = next;
    },
    request: (n) => {
      const known = requests[n - 1];
      if (known) return Promise.resolve(known);
      const entry = awaited.get(n) ?? Promise.withResolvers<ReceivedRequest>();
      awaited.set(n, entry);
      return entry.promise;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function perform(
  answer: ScriptedAnswer,
  form: WireForm,
  model: string,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  if (answer.kind === "silence") return;
  if (answer.kind === "error") {
    const message = answer.message ?? `scripted failure ${answer.status}`;
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(JSON.stringify(form.errorBody(answer.status, message)));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const isWhole = answer.kind === "answer";
  const content = isWhole ? answer : { kind: "answer" as const, text: answer.text };
  const { opening, chunks, closing: last } = form.stream(content, chunksOf(content.text ?? ""), model);
  for (const frame of opening) response.write(frame);
  for (const frame of chunks) {
    if (response.destroyed || closing.aborted) return;
    response.write(frame);
    if (isWhole && answer.delayMs !== undefined) await pause(answer.delayMs, response);
  }
  if (isWhole) {
    for (const frame of last) response.write(frame);
    response.end();
  } else if (answer.kind === "break") {
    // What was said has to leave before the connection breaks.
    response.write("", () => response.destroy());
  }
}

/** Ends early when the connection does. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.once("close", done);
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}
