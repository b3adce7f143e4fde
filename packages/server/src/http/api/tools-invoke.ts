import { z } from "zod";
import { ApiError } from "./api-error.ts";
import type { ApiRoute } from "./route.ts";

const maxBodyBytes = 2 * 1024 * 1024;

const Body = z.looseObject({
  tool: z.string().trim().min(1),
  action: z.string().optional().catch(undefined),
  args: z.record(z.string(), z.unknown()).optional().catch(undefined),
  sessionKey: z.string().optional().catch(undefined),
  dryRun: z.boolean().optional().catch(undefined),
});

/** One tool of an agent, without a model. Recorded: it is always there, and has an error form of its own. */
export const toolsInvokeRoute: ApiRoute = {
  method: "POST",
  path: "/tools/invoke",
  isOffered: () => true,
  needs: "tools.invoke",
  maxBodyBytes: () => maxBodyBytes,
  answer: async ({ body, call }) => {
    const parsed = Body.safeParse(body);
    if (!parsed.success) throw new ApiError(400, "tools.invoke requires body.tool");
    const { tool, action, args, sessionKey, dryRun } = parsed.data;
    const outcome = await call("tools.invoke", {
      tool,
      ...(action !== undefined && { action }),
      ...(args && { args }),
      ...(sessionKey !== undefined && { sessionKey }),
      ...(dryRun !== undefined && { dryRun }),
    });
    switch (outcome.kind) {
      case "done":
        return Response.json({ ok: true, ...(dryRun && { dryRun }), result: outcome.result });
      case "unavailable":
        return refused(404, "not_found", `Tool not available: ${tool}`);
      case "failed":
        return refused(400, "tool_error", outcome.message);
      default:
        return outcome satisfies never;
    }
  },
};

const refused = (status: number, type: string, message: string): Response =>
  Response.json({ ok: false, error: { type, message } }, { status });
