import { GatewayError, type Params } from "@openclaw-gateway/protocol";

/** Why a turn of this agent cannot have these tools. `reserved` are the names of the agent's own, or none when it takes none. */
export function checkTools(
  { tools = [], toolChoice = "auto" }: Pick<Params<"turns.run">, "tools" | "toolChoice">,
  agentId: string,
  reserved: readonly string[] | undefined,
): GatewayError | undefined {
  const refuse = (message: string, field: "tools" | "tool_choice") =>
    new GatewayError("INVALID_REQUEST", message, { details: { field } });
  if (tools.length > 0 && reserved === undefined) {
    return refuse(`agent "${agentId}" is run by a daemon, whose turns take no tools of the caller`, "tools");
  }
  const names = new Set(tools.map(({ name }) => name));
  const taken = tools.find(({ name }) => reserved?.includes(name.toLowerCase()));
  if (taken) return refuse(`tools: "${taken.name}" is a tool of the agent itself; give yours another name`, "tools");
  if (typeof toolChoice === "object" && !names.has(toolChoice.name)) {
    return refuse(`tool_choice requested unknown tool: ${toolChoice.name}`, "tool_choice");
  }
  if (toolChoice === "required" && names.size === 0) {
    return refuse("tool_choice: a call is required, but there are no tools", "tool_choice");
  }
  return undefined;
}
