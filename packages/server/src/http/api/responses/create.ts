import type { CallerStep } from "@openclaw-gateway/protocol";
import { describeFailure } from "../api-error.ts";
import type { ApiCall, ApiRoute } from "../route.ts";
import { streamEvents } from "../sse.ts";
import { failureOf } from "../turns/failure.ts";
import { type RequestedTurn, startTurn, type TurnResult } from "../turns/run-turn.ts";
import { endingOf } from "./ending.ts";
import { readInput } from "./input-items.ts";
import { createOutput, type OutputEvent } from "./output.ts";
import { choosePlace } from "./previous.ts";
import { readResponsesRequest } from "./request.ts";
import { type Ending, type Head, nothingUsed, responseOf } from "./shapes.ts";

const defaultMaxBodyBytes = 20_000_000;
/** How long a stream waits for a first sign; a failure until then is told with its status. */
const firstSignMs = 3_000;

/** A turn of an agent in the form of OpenAI's responses. */
export const createRoute: ApiRoute = {
  method: "POST",
  path: "/v1/responses",
  isOffered: ({ responses }) => responses?.enabled ?? false,
  needs: "turns.run",
  maxBodyBytes: ({ responses }) => responses?.maxBodyBytes ?? defaultMaxBodyBytes,
  answer: async (call) => {
    const request = readResponsesRequest(call.body);
    const { instructions, context, input, explain } = readInput(request.input);
    const place = await choosePlace(call, request);
    const { model, sampling, format, thinking, tools, toolChoice, parallelToolCalls, echo, isKept } = request;
    const createdAt = Math.floor(call.clock.now() / 1_000);
    const system = [...(request.instructions === undefined ? [] : [request.instructions]), ...instructions];
    const turn = startTurn(
      call,
      {
        entrance: "responses",
        ...place,
        input,
        context,
        ...(input.some(({ type }) => type === "result") && { continues: true }),
        ...(system.length > 0 && { instructions: system.join("\n\n") }),
        ...(sampling && { sampling }),
        ...(format && { format }),
        ...(thinking !== undefined && { thinking }),
        ...(tools && { tools }),
        ...(toolChoice !== undefined && { toolChoice }),
        ...(parallelToolCalls !== undefined && { parallelToolCalls }),
        ...(isKept && { request: { model, createdAt, echo } }),
      },
      { idPrefix: "resp", onDisconnect: call.endpoints.responses?.onDisconnect, explain },
    );
    const head: Head = { id: turn.runId, createdAt, model, echo };
    return request.isStream ? streamed(call, turn, head) : whole(turn, head);
  },
};

async function whole(turn: RequestedTurn, head: Head): Promise<Response> {
  const steps: CallerStep[] = [];
  for await (const step of turn.steps()) {
    // Nobody has been told yet what is taken back here.
    if (step.type === "part-void") steps.splice(steps.findLastIndex(({ type }) => type === "part-end") + 1);
    else steps.push(step);
  }
  const result = await turn.result;
  const failure = result.state === "aborted" ? undefined : failureOf(result);
  if (failure) throw failure;
  const output = createOutput(head.id);
  const ending = endingOf(result);
  for (const step of steps) drain(output.take(step));
  drain(output.finish(result, ending.status !== "completed"));
  return Response.json(responseOf(head, ending, output.items, result.usage));
}

const drain = (events: Iterable<OutputEvent>): void => void Array.from(events);

async function streamed(call: ApiCall, turn: RequestedTurn, head: Head): Promise<Response> {
  const patience = Promise.withResolvers<void>();
  const cancel = call.clock.at(call.clock.now() + firstSignMs, patience.resolve);
  await Promise.race([turn.begun, patience.promise]);
  cancel();
  if (turn.isOver) {
    const result = await turn.result;
    const failure = result.state === "aborted" ? undefined : failureOf(result);
    if (failure) throw failure;
  }
  return streamEvents(call.clock, async (stream) => {
    stream.signal.addEventListener("abort", turn.leave, { once: true });
    let sequence = 0;
    for await (const event of tellResponse(call, turn, head))
      await stream.send({ event: event.type, data: JSON.stringify({ ...event, sequence_number: sequence++ }) });
    await stream.send({ data: "[DONE]" });
  });
}

/** The events of a response from its beginning to its end. */
async function* tellResponse(call: ApiCall, turn: RequestedTurn, head: Head): AsyncGenerator<OutputEvent, void> {
  const output = createOutput(head.id);
  const begun = responseOf(head, { status: "in_progress" }, [], nothingUsed);
  yield { type: "response.created", response: begun };
  yield { type: "response.in_progress", response: begun };
  let result: TurnResult | undefined;
  let ending: Ending;
  try {
    for await (const step of turn.steps()) yield* output.take(step);
    result = await turn.result;
    ending = endingOf(result);
    if (result.state === "failed" || result.state === "interrupted") yield* output.breakOff();
    else yield* output.finish(result, ending.status !== "completed");
  } catch (error) {
    // Who reads the stream is told no more of it.
    turn.leave();
    const { message, options } = describeFailure(error, call);
    yield* output.breakOff();
    ending = { status: "failed", error: { code: options.code ?? "server_error", message } };
  }
  const response = responseOf(head, ending, output.items, result?.usage ?? nothingUsed);
  yield { type: endings[ending.status] ?? "response.failed", response };
}

/** How a stream ends; what somebody has stopped is told as incomplete, for which libraries have a word. */
const endings: Partial<Record<Ending["status"], string>> = {
  completed: "response.completed",
  incomplete: "response.incomplete",
  cancelled: "response.incomplete",
};
