import type { CallerTool, CallerToolChoice } from "@openclaw-gateway/protocol";
import { z } from "zod";
import { ApiError, invalid } from "../api-error.ts";

/** A function flat, as OpenAI writes it here, or below `function`, as recorded. Other types are refused by name. */
export const Tool = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
  function: z
    .looseObject({
      name: z.string(),
      description: z.string().nullish(),
      parameters: z.record(z.string(), z.unknown()).nullish(),
      strict: z.boolean().nullish(),
    })
    .optional(),
});
export const ToolChoice = z.union([
  z.enum(["auto", "none", "required"]),
  z.looseObject({
    type: z.string(),
    name: z.string().optional(),
    function: z.looseObject({ name: z.string() }).optional(),
  }),
]);

export function readTools(
  given: readonly z.output<typeof Tool>[] | undefined,
  choice: z.output<typeof ToolChoice> | undefined,
): { tools: CallerTool[] | undefined; toolChoice: CallerToolChoice | undefined } {
  const tools = given?.map(toTool);
  if (choice === undefined || typeof choice === "string") return { tools, toolChoice: choice };
  if (choice.type !== "function")
    throw invalid("tool_choice", `tool_choice: type ${JSON.stringify(choice.type)} is not supported; function is`);
  const name = choice.name ?? choice.function?.name;
  if (name === undefined) throw invalid("tool_choice.name", "tool_choice: the name of the function is missing");
  // Recorded, word for word.
  if (!tools?.some((tool) => tool.name === name))
    throw new ApiError(400, `Error: tool_choice requested unknown tool: ${name}`, { param: "tool_choice" });
  return { tools, toolChoice: { name } };
}

function toTool(tool: z.output<typeof Tool>, index: number): CallerTool {
  if (tool.type !== "function") {
    throw invalid(
      `tools[${index}].type`,
      `tools[${index}]: type ${JSON.stringify(tool.type)} is not supported; only functions of the caller are, and the agent has tools of its own`,
    );
  }
  const { name, description, parameters, strict } = tool.function ?? tool;
  if (name === undefined) throw invalid(`tools[${index}].name`, `tools[${index}]: the name is missing`);
  return {
    name,
    ...(typeof description === "string" && { description }),
    ...(parameters && { parameters }),
    ...(typeof strict === "boolean" && { strict }),
  };
}
