import type { ServerResponse } from "node:http";
import type { Json } from "./wire-form.ts";

/** What the scripted provider makes of a text: its length, and what it begins with. */
export const vectorOf = (text: string, dimensions = 3): number[] =>
  Array.from({ length: dimensions }, (_, index) =>
    index === 0 ? text.length : (text.charCodeAt(index - 1) || 0) / 128,
  );

/** Answers in OpenAI's form. `[[500]]` or any other status in a text is the status of the answer. */
export function answerEmbeddings(body: Json, response: ServerResponse, received: Json[]): void {
  received.push(body);
  const given: unknown = body["input"];
  const texts = (Array.isArray(given) ? given : [given]).map(String);
  const dimensions = typeof body["dimensions"] === "number" ? body["dimensions"] : undefined;
  const status = /\[\[(\d{3})\]\]/.exec(texts.join(" "))?.[1];
  const answer = status
    ? { error: { message: `scripted failure ${status}`, type: "scripted" } }
    : {
        object: "list",
        model: body["model"],
        data: texts.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text, dimensions) })),
        usage: { prompt_tokens: texts.length, total_tokens: texts.length },
      };
  response.writeHead(status ? Number(status) : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(answer));
}
