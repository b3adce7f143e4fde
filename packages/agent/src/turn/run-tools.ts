import type { ToolResultMessage } from "@openclaw-gateway/protocol";
import type { Clock, ToolResultContent, TurnEvent, TurnGateway, ExecPort } from "@openclaw-gateway/server";
import { textResult, type Tool, ToolError } from "../tools/tool.ts";
import type { ToolRequest } from "./answer.ts";
import { unlessAborted } from "./wait.ts";

type Outcome = { isError: boolean; result: ToolResultContent };

export type ToolDeps = {
  tools: readonly Tool[];
  workspace: string;
  clock: Clock;
  gateway: TurnGateway | undefined;
  exec: ExecPort | undefined;
  sessionKey: string;
  signal: AbortSignal;
  warn(fields: Record<string, unknown>, message: string): void;
};

/** Runs the calls of one answer, one after the other. Every call gets a result, also when the turn is aborted. */
export async function* runTools(
  deps: ToolDeps,
  requests: readonly ToolRequest[],
): AsyncGenerator<TurnEvent, ToolResultMessage[]> {
  const messages: ToolResultMessage[] = [];
  for (const request of requests) {
    const { id: toolCallId, name } = request;
    yield { type: "tool-start", toolCallId, name, args: request.args };
    const { isError, result } = yield* runTool(deps, request);
    const meta = deps.tools.find((tool) => tool.name === name)?.about?.(request.args);
    yield { type: "tool-end", toolCallId, name, ...(meta !== undefined && { meta }), isError, result };
    const message: ToolResultMessage = {
      role: "toolResult",
      toolCallId,
      toolName: name,
      content: result.content,
      ...(result.details !== undefined && { details: result.details }),
      isError,
      timestamp: deps.clock.now(),
    };
    messages.push(message);
    yield { type: "message", message };
  }
  return messages;
}

async function* runTool(deps: ToolDeps, request: ToolRequest): AsyncGenerator<TurnEvent, Outcome> {
  const { signal, warn } = deps;
  const { id: toolCallId, name } = request;
  const tool = deps.tools.find((each) => each.name === name);
  if (!tool) return failed(`there is no tool named ${name}`);
  if (request.problem !== undefined) return failed(request.problem);
  if (signal.aborted) return failed("aborted before it began");

  const updates: ToolResultContent[] = [];
  let wake = Promise.withResolvers<void>();
  const update = (partial: ToolResultContent) => {
    updates.push(partial);
    wake.resolve();
  };
  let outcome: Outcome | undefined;
  const { workspace, clock, gateway, exec, sessionKey } = deps;
  const running = tool
    .run(request.args, {
      workspace,
      clock,
      signal,
      update,
      warn,
      sessionKey,
      ...(gateway && { gateway }),
      ...(exec && { exec }),
    })
    .then(
      (result) => ({ isError: false, result }),
      (error: unknown) => {
        if (error instanceof ToolError) return failed(error.message);
        warn({ tool: name, error: String(error) }, "a tool failed unexpectedly");
        return failed(`${name} failed`);
      },
    );
  // A tool that ignores the signal does not hold the turn.
  const finished = unlessAborted(running, signal).then((result) => {
    outcome = result ?? failed("aborted before it was finished");
    wake.resolve();
  });
  while (!outcome) {
    await wake.promise;
    wake = Promise.withResolvers<void>();
    for (const partialResult of updates.splice(0)) yield { type: "tool-update", toolCallId, name, partialResult };
  }
  await finished;
  return outcome;
}

const failed = (message: string): Outcome => ({ isError: true, result: textResult(message) });
