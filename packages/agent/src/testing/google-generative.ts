import { lastWhere, record, records, sse, text, type WireForm } from "./wire-form.ts";

/** `POST …/models/<id>:streamGenerateContent` */
export const googleGenerative: WireForm = {
  matches: (path) => path.includes(":streamGenerateContent"),
  stream: (answer, chunks, model) => {
    const frame = (parts: unknown[], extra: Record<string, unknown> = {}) =>
      sse({ candidates: [{ index: 0, content: { role: "model", parts }, ...extra }], modelVersion: model });
    const usage = answer.usage ?? { input: 0, output: 0 };
    const finishReason = { stop: "STOP", length: "MAX_TOKENS", refusal: "SAFETY" }[answer.finish ?? "stop"];
    return {
      opening: answer.reasoning === undefined ? [] : [frame([{ text: answer.reasoning, thought: true }])],
      chunks: chunks.map((chunk) => frame([{ text: chunk }])),
      closing: [
        ...(answer.toolCalls ?? []).map(({ name, args }) =>
          frame([{ functionCall: { name, args }, thoughtSignature: "c2lnbmVk" }]),
        ),
        sse({
          candidates: [{ index: 0, content: { role: "model", parts: [{ text: "" }] }, finishReason }],
          usageMetadata: {
            promptTokenCount: usage.input,
            candidatesTokenCount: usage.output,
            totalTokenCount: usage.input + usage.output,
          },
        }),
      ],
    };
  },
  errorBody: (status, message) => ({
    error: { code: status, message, status: status === 429 ? "RESOURCE_EXHAUSTED" : "INTERNAL" },
  }),
  read: (path, body) => {
    const contents = records(body["contents"]);
    const partsOf = (message: Record<string, unknown>) => records(message["parts"]);
    const isPerson = (message: Record<string, unknown>) =>
      message["role"] === "user" && partsOf(message).some((part) => "text" in part);
    const { index, message } = lastWhere(contents, isPerson);
    return {
      model: decodeURIComponent(/models\/([^:]+):/.exec(path)?.[1] ?? ""),
      lastUserText: partsOf(message)
        .map((part) => text(part["text"]))
        .join(""),
      toolResults: contents
        .slice(index + 1)
        .flatMap(partsOf)
        .filter((part) => "functionResponse" in part)
        .map((part) => JSON.stringify(record(part["functionResponse"])["response"])),
      toolNames: records(body["tools"]).flatMap((tool) =>
        records(tool["functionDeclarations"]).map(({ name }) => text(name)),
      ),
    };
  },
};
