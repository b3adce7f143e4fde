import type { LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import { z } from "zod";
import type { Turn } from "@openclaw-gateway/server";
import type { ToolsConfig } from "../config.ts";
import { isAllowed } from "./policy.ts";
import { readTool } from "./read.ts";
import { sessionsHistoryTool, sessionsListTool, sessionsSendTool, sessionsSpawnTool } from "./sessions.ts";
import type { Tool } from "./tool.ts";

/** Every tool that keeps nothing between its calls. What a turn may use of them is decided by `offeredTools`. */
export const builtInTools: readonly Tool[] = [
  readTool,
  sessionsListTool,
  sessionsHistoryTool,
  sessionsSendTool,
  sessionsSpawnTool,
];

/** The tools of one turn: what its principal may cause, less what the configuration takes away. */
export function offeredTools(
  tools: readonly Tool[],
  { allowedTools, gateway, exec }: Pick<Turn, "allowedTools" | "gateway" | "exec">,
  policies: readonly (ToolsConfig | undefined)[],
): readonly Tool[] {
  return tools.filter(
    ({ name, needs = [], needsExec }) =>
      (allowedTools === "all" || allowedTools.includes(name)) &&
      (!needsExec || exec !== undefined) &&
      needs.every((method) => gateway?.methods.has(method)) &&
      policies.every((policy) => isAllowed(name, policy)),
  );
}

const definitions = new WeakMap<Tool, LanguageModelV4FunctionTool>();

/** A tool as a model is told about it. */
export function toDefinition(tool: Tool): LanguageModelV4FunctionTool {
  let definition = definitions.get(tool);
  if (!definition) {
    // zod's own type of a JSON Schema is wider than the draft that providers take; `draft-7` makes it that one.
    const { $schema: _, ...inputSchema } = z.toJSONSchema(tool.params, { target: "draft-7", io: "input" });
    definition = {
      type: "function",
      name: tool.name,
      description: tool.description,
      inputSchema: inputSchema as LanguageModelV4FunctionTool["inputSchema"],
    };
    definitions.set(tool, definition);
  }
  return definition;
}
