import { contentText, lastWhere, record, records, sse, text, type WireForm } from "./wire-form.ts";

/** `POST …/v1/messages` */
export const anthropicMessages: WireForm = {
  matches: (path) => path.endsWith("/messages"),
  stream: (answer, chunks, model) => {
    const event = (type: string, data: Record<string, unknown> = {}) => sse({ type, ...data }, type);
    const usage = answer.usage ?? { input: 0, output: 0 };
    const calls = answer.toolCalls ?? [];
    const textIndex = answer.reasoning === undefined ? 0 : 1;
    const stop = { stop: "end_turn", length: "max_tokens", refusal: "refusal" }[answer.finish ?? "stop"];
    return {
      opening: [
        event("message_start", {
          message: {
            id: "msg_1",
            type: "message",
            role: "assistant",
            model,
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { input_tokens: usage.input, output_tokens: 1 },
          },
        }),
        ...(answer.reasoning === undefined
          ? []
          : [
              event("content_block_start", {
                index: 0,
                content_block: { type: "thinking", thinking: "", signature: "" },
              }),
              event("content_block_delta", { index: 0, delta: { type: "thinking_delta", thinking: answer.reasoning } }),
              event("content_block_delta", { index: 0, delta: { type: "signature_delta", signature: "signed" } }),
              event("content_block_stop", { index: 0 }),
            ]),
        ...(chunks.length === 0
          ? []
          : [event("content_block_start", { index: textIndex, content_block: { type: "text", text: "" } })]),
      ],
      chunks: chunks.map((chunk) =>
        event("content_block_delta", { index: textIndex, delta: { type: "text_delta", text: chunk } }),
      ),
      closing: [
        ...(chunks.length === 0 ? [] : [event("content_block_stop", { index: textIndex })]),
        ...calls.flatMap(({ name, args, id }, position) => {
          const index = textIndex + 1 + position;
          return [
            event("content_block_start", {
              index,
              content_block: { type: "tool_use", id: id ?? `toolu_${position}`, name, input: {} },
            }),
            event("content_block_delta", {
              index,
              delta: { type: "input_json_delta", partial_json: JSON.stringify(args) },
            }),
            event("content_block_stop", { index }),
          ];
        }),
        event("message_delta", {
          delta: { stop_reason: calls.length > 0 ? "tool_use" : stop, stop_sequence: null },
          usage: { output_tokens: usage.output },
        }),
        event("message_stop"),
      ],
    };
  },
  errorBody: (status, message) => ({
    type: "error",
    error: { type: status === 429 ? "rate_limit_error" : "api_error", message },
  }),
  read: (_path, body) => {
    const messages = records(body["messages"]);
    // Tool results are user messages here.
    const isPerson = (message: Record<string, unknown>) =>
      message["role"] === "user" && !records(message["content"]).some(({ type }) => type === "tool_result");
    const { index, message } = lastWhere(messages, isPerson);
    return {
      model: text(body["model"]),
      lastUserText: contentText(message["content"]),
      toolResults: messages
        .slice(index + 1)
        .flatMap(({ content }) => records(content))
        .filter(({ type }) => type === "tool_result")
        .map(({ content }) => contentText(content)),
      toolNames: records(body["tools"]).map((tool) => text(record(tool)["name"])),
    };
  },
};
