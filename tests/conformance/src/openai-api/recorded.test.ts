import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at, type JsonObject } from "../json.ts";
import { loadTranscript } from "../transcript.ts";
import { type GatewayWithProvider, startGatewayWithProvider } from "./gateway-with-provider.ts";
import { asRecorded, eventsOf, exchangesOf, play } from "./replay-http.ts";

const spoken = "The stub model answers in twelve small pieces so streaming is visible.";

let running: GatewayWithProvider;
beforeAll(async () => {
  running = await startGatewayWithProvider();
  running.provider.script(({ body }) => ({
    kind: "answer",
    // The marker may stand in the output of a call that nobody waits for.
    text: JSON.stringify(body["messages"]).includes("[[plain]]") ? spoken : "Quick answer.",
    usage: { input: 100, output: 24 },
  }));
});
afterAll(() => running[Symbol.asyncDispose]());

/** Recorded: an item is added with the part that the next event adds. The official library refuses that, so ours is empty. */
function asTold(event: JsonObject | string): unknown {
  if (at(event, "type") !== "response.output_item.added" || typeof event === "string") return event;
  return { ...event, item: { ...(event["item"] as JsonObject), content: [] } };
}

/** What came, and what was recorded, in a form that can be compared. */
async function bodies(response: Response, body: unknown, chunks: readonly string[]): Promise<[unknown, unknown]> {
  const text = await response.text();
  if (chunks.length > 0) return [eventsOf(text), eventsOf(chunks.join("")).map((event) => asRecorded(asTold(event)))];
  return typeof body === "string" ? [text, body] : [JSON.parse(text), asRecorded(body)];
}

describe("http-responses", () => {
  test.each(exchangesOf(loadTranscript(3, "http-responses")).map((each) => [each.line, each] as const))(
    "line %i",
    async (_, exchange) => {
      const { chunks, response: recorded } = exchange;
      const response = await play(running.url, running.token, exchange);
      expect(response.status).toBe(recorded.status);
      const [kind] = (recorded.headers["content-type"] ?? "").split(";");
      expect(response.headers.get("content-type")).toContain(kind);
      expect(response.headers.get("allow")).toBe(recorded.headers["allow"] ?? null);
      const [told, expected] = await bodies(response, recorded.body, chunks);
      expect(told).toEqual(expected);
    },
  );
});
