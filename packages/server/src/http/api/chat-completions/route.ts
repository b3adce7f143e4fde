import type { CallerCall } from "@openclaw-gateway/protocol";
import { describeFailure } from "../api-error.ts";
import type { ApiCall, ApiRoute } from "../route.ts";
import { type EventStream, streamEvents } from "../sse.ts";
import { failureOf } from "../turns/failure.ts";
import { createGrowingText } from "../turns/growing-text.ts";
import { type RequestedTurn, startTurn } from "../turns/run-turn.ts";
import { chooseSession } from "../turns/session.ts";
import { readMessages } from "./messages.ts";
import { type ChatTurn, readChatRequest } from "./request.ts";
import { chunksOf, completion } from "./shapes.ts";

const defaultMaxBodyBytes = 20_000_000;
/**
 * How long a stream waits for a first sign before it begins. A failure until then is told with its status, which libraries
 * understand better than the last event of a stream that has begun well.
 */
const firstSignMs = 3_000;

/** A turn of an agent in the form of OpenAI's chat completions. */
export const chatCompletionsRoute: ApiRoute = {
  method: "POST",
  path: "/v1/chat/completions",
  isOffered: ({ chatCompletions }) => chatCompletions?.enabled ?? false,
  needs: "turns.run",
  maxBodyBytes: ({ chatCompletions }) => chatCompletions?.maxBodyBytes ?? defaultMaxBodyBytes,
  answer: async (call) => {
    const request = readChatRequest(call.body);
    const { instructions, context, input, placed } = readMessages(request.messages);
    const session = await chooseSession(call, { model: request.model, user: request.user, prefix: "openai" });
    const { sampling, format, thinking, tools, toolChoice, parallelToolCalls } = request;
    const turn = startTurn(
      call,
      {
        entrance: "chatCompletions",
        ...session,
        input,
        context,
        ...(input.some(({ type }) => type === "result") && { continues: true }),
        ...(instructions !== undefined && { instructions }),
        ...(sampling && { sampling }),
        ...(format && { format }),
        ...(thinking !== undefined && { thinking }),
        ...(tools && { tools }),
        ...(toolChoice !== undefined && { toolChoice }),
        ...(parallelToolCalls !== undefined && { parallelToolCalls }),
      },
      { idPrefix: "chatcmpl", onDisconnect: call.endpoints.chatCompletions?.onDisconnect, explain: placed },
    );
    const head = { id: turn.runId, created: Math.floor(call.clock.now() / 1_000), model: request.model };
    if (request.isStream) return streamed(call, turn, head, request);
    const result = await turn.result;
    const failure = failureOf(result);
    if (failure) throw failure;
    return Response.json(completion(head, result));
  },
};

type Head = Parameters<typeof completion>[0];

async function streamed(call: ApiCall, turn: RequestedTurn, head: Head, request: ChatTurn): Promise<Response> {
  const patience = Promise.withResolvers<void>();
  const cancel = call.clock.at(call.clock.now() + firstSignMs, patience.resolve);
  await Promise.race([turn.begun, patience.promise]);
  cancel();
  if (turn.isOver) {
    const failure = failureOf(await turn.result);
    if (failure) throw failure;
  }
  return streamEvents(call.clock, async (stream) => {
    stream.signal.addEventListener("abort", turn.leave, { once: true });
    try {
      await tell(stream, turn, head, request);
    } catch (error) {
      // Who reads the stream is told no more of it.
      turn.leave();
      await stream.send({ data: JSON.stringify(describeFailure(error, call).toBody()) });
    }
    await stream.send({ data: "[DONE]" });
  });
}

async function tell(
  { send }: EventStream,
  turn: RequestedTurn,
  head: Head,
  { includesUsage }: ChatTurn,
): Promise<void> {
  const chunks = chunksOf(head, includesUsage);
  const text = createGrowingText();
  let toldCalls = 0;
  const sendText = async (news: string): Promise<void> => {
    if (news !== "") await send({ data: chunks.text(news) });
  };
  const sendCalls = async (calls: readonly CallerCall[]): Promise<void> => {
    if (calls.length > 0) await send({ data: chunks.calls(calls, toldCalls) });
    toldCalls += calls.length;
  };
  await send({ data: chunks.role() });
  for await (const step of turn.steps()) {
    await sendText(text.take(step));
    if (step.type === "calls") await sendCalls(step.calls);
  }
  const result = await turn.result;
  const failure = failureOf(result);
  if (failure) throw failure;
  // A run that somebody else has started, and that was over before, tells no steps.
  await sendText(text.rest(result.text));
  await sendCalls(result.calls.slice(toldCalls));
  await send({ data: chunks.end(result) });
  if (includesUsage) await send({ data: chunks.usage(result) });
}
