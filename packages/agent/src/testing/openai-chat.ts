import { contentText, lastWhere, record, records, sse, text, type WireForm } from "./wire-form.ts";

/** `POST …/chat/completions` */
export const openaiChat: WireForm = {
  matches: (path) => path.endsWith("/chat/completions"),
  stream: (answer, chunks, model) => {
    const frame = (choice: Record<string, unknown>) =>
      sse({
        id: "chatcmpl-1",
        object: "chat.completion.chunk",
        created: 1,
        model,
        choices: [{ index: 0, finish_reason: null, ...choice }],
      });
    const calls = answer.toolCalls ?? [];
    const finish =
      calls.length > 0 ? "tool_calls" : answer.finish === "refusal" ? "content_filter" : (answer.finish ?? "stop");
    const usage = answer.usage ?? { input: 0, output: 0 };
    return {
      opening: [
        frame({ delta: { role: "assistant", content: "" } }),
        ...(answer.reasoning === undefined ? [] : [frame({ delta: { reasoning_content: answer.reasoning } })]),
      ],
      chunks: chunks.map((content) => frame({ delta: { content } })),
      closing: [
        ...calls.flatMap(({ name, args, id }, index) => {
          const json = JSON.stringify(args);
          const half = Math.ceil(json.length / 2);
          return [
            frame({
              delta: {
                tool_calls: [{ index, id: id ?? `call_${index}`, type: "function", function: { name, arguments: "" } }],
              },
            }),
            frame({ delta: { tool_calls: [{ index, function: { arguments: json.slice(0, half) } }] } }),
            frame({ delta: { tool_calls: [{ index, function: { arguments: json.slice(half) } }] } }),
          ];
        }),
        frame({ delta: {}, finish_reason: finish }),
        sse({
          id: "chatcmpl-1",
          object: "chat.completion.chunk",
          created: 1,
          model,
          choices: [],
          usage: {
            prompt_tokens: usage.input,
            completion_tokens: usage.output,
            total_tokens: usage.input + usage.output,
          },
        }),
        sse("[DONE]"),
      ],
    };
  },
  errorBody: (status, message) => ({
    error: { message, type: status === 429 ? "rate_limit_error" : "api_error", code: null },
  }),
  read: (_path, body) => {
    const messages = records(body["messages"]);
    const { index, message } = lastWhere(messages, ({ role }) => role === "user");
    return {
      model: text(body["model"]),
      lastUserText: contentText(message["content"]),
      toolResults: messages
        .slice(index + 1)
        .filter(({ role }) => role === "tool")
        .map(({ content }) => contentText(content)),
      toolNames: records(body["tools"]).map((tool) => text(record(tool["function"])["name"])),
    };
  },
};
