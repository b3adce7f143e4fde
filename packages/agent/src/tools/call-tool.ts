import type { Clock, ToolCall, ToolCallOutcome } from "@openclaw-gateway/server";
import type { Agent } from "../agents.ts";
import { offeredTools } from "./registry.ts";
import { textResult, type Tool, ToolError } from "./tool.ts";

/** Calls one tool as a turn of the agent could, without a model that asks for it. */
export async function callTool(
  deps: {
    tools: readonly Tool[];
    clock: Clock;
    warn(fields: Record<string, unknown>, message: string): void;
  },
  agent: Agent,
  call: ToolCall,
  signal: AbortSignal,
): Promise<ToolCallOutcome> {
  const { name, sessionKey, gateway, action, isRehearsal } = call;
  const tool = offeredTools(deps.tools, call, agent.toolPolicies).find((each) => each.name === name);
  if (!tool) return { kind: "unavailable" };
  const takesAction = action !== undefined && "action" in tool.params.shape && !("action" in call.args);
  const args = takesAction ? { ...call.args, action } : call.args;
  const problem = explainArguments(tool, args);
  if (problem !== undefined) return { kind: "failed", message: problem };
  if (isRehearsal) {
    return {
      kind: "done",
      result: textResult(`${name} can be called with these arguments; nothing was done.`, { args }),
    };
  }
  try {
    const { workspace } = agent;
    const { clock, warn } = deps;
    const context = { workspace, clock, signal, warn, sessionKey, update: () => {}, ...(gateway && { gateway }) };
    return { kind: "done", result: await tool.run(args, context) };
  } catch (error) {
    if (error instanceof ToolError) return { kind: "failed", message: error.message };
    deps.warn({ tool: name, error: String(error) }, "a tool failed unexpectedly");
    return { kind: "failed", message: `${name} failed` };
  }
}

/** The first thing that is wrong, in a few words: a program reads it, and no model. */
function explainArguments(tool: Tool, args: Record<string, unknown>): string | undefined {
  const parsed = tool.params.safeParse(args, { reportInput: true });
  const [issue] = parsed.error?.issues ?? [];
  if (!issue) return undefined;
  const name = issue.path.map(String).join(".");
  return issue.input === undefined ? `${name} required` : `${name}: ${issue.message}`;
}
