import type { Result } from "@openclaw-gateway/protocol";
import { z } from "zod";
import { ApiError } from "../api-error.ts";
import type { ApiCall, ApiRoute } from "../route.ts";
import { endingOf } from "./ending.ts";
import { createOutput } from "./output.ts";
import { responseOf } from "./shapes.ts";

type Found = NonNullable<Result<"turns.get">["found"]>;

const Kept = z.object({
  model: z.string(),
  createdAt: z.int(),
  echo: z.record(z.string(), z.unknown()),
});

const shared = {
  isOffered: ({ responses }) => responses?.enabled ?? false,
  maxBodyBytes: () => 1_000,
} as const satisfies Partial<ApiRoute>;
const path = "/v1/responses/:id";

/** Responses that are kept: read again, stopped, forgotten. */
export const storedRoutes: readonly ApiRoute[] = [
  {
    ...shared,
    method: "GET",
    path,
    needs: "turns.get",
    answer: async (call) => Response.json(show(await find(call))),
  },
  {
    ...shared,
    method: "DELETE",
    path,
    needs: "turns.forget",
    answer: async (call) => {
      const { runId } = await find(call);
      await call.call("turns.forget", { runId });
      return Response.json({ id: runId, object: "response", deleted: true });
    },
  },
  {
    ...shared,
    method: "POST",
    path: `${path}/cancel`,
    needs: "chat.abort",
    answer: async (call) => {
      const { runId, sessionKey, state } = await find(call);
      if (state === "queued" || state === "running") await call.call("chat.abort", { sessionKey, runId });
      else if (state !== "aborted")
        throw new ApiError(400, "Cannot cancel a response that has ended.", { param: "id" });
      return Response.json(show(await find(call)));
    },
  },
];

async function find(call: ApiCall): Promise<Found> {
  const id = call.path["id"] ?? "";
  const { found } = await call.call("turns.get", { runId: id });
  if (found && Kept.safeParse(found.request).success) return found;
  throw new ApiError(404, `Response with id '${id}' not found.`, { param: "id", code: "response_not_found" });
}

/** The response as its stream has told it, put together from the transcript. */
function show(found: Found): ReturnType<typeof responseOf> {
  const { runId: id, request, steps, usage } = found;
  const ending = endingOf(found);
  const output = createOutput(id);
  // What is told while it runs is not in the transcript yet.
  if (found.endedAt !== undefined) {
    for (const step of steps) Array.from(output.take(step));
    Array.from(ending.status === "failed" ? output.breakOff() : output.finish({}, ending.status !== "completed"));
  }
  return responseOf({ id, ...Kept.parse(request) }, ending, output.items, usage);
}
