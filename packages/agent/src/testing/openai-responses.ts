import { contentText, lastWhere, records, sse, text, type WireForm } from "./wire-form.ts";

/** `POST …/responses` */
export const openaiResponses: WireForm = {
  matches: (path) => path.endsWith("/responses"),
  stream: (answer, chunks, model) => {
    const event = (type: string, data: Record<string, unknown>) => sse({ type, ...data }, type);
    const usage = answer.usage ?? { input: 0, output: 0 };
    const item = { id: "msg_1", type: "message", status: "in_progress", role: "assistant", content: [] };
    const opening = [
      event("response.created", {
        response: { id: "resp_1", object: "response", created_at: 1, model, status: "in_progress" },
      }),
    ];
    const calls = (answer.toolCalls ?? []).flatMap(({ name, args, id }, index) => {
      const call = {
        id: `fc_${index}`,
        type: "function_call",
        call_id: id ?? `call_${index}`,
        name,
        status: "completed",
      };
      const output_index = index + 1;
      return [
        event("response.output_item.added", { output_index, item: { ...call, status: "in_progress", arguments: "" } }),
        event("response.function_call_arguments.delta", {
          output_index,
          item_id: call.id,
          delta: JSON.stringify(args),
        }),
        event("response.output_item.done", { output_index, item: { ...call, arguments: JSON.stringify(args) } }),
      ];
    });
    const isCut = answer.finish === "length" || answer.finish === "refusal";
    const details = answer.finish === "refusal" ? "content_filter" : "max_output_tokens";
    return {
      opening:
        chunks.length === 0 ? opening : [...opening, event("response.output_item.added", { output_index: 0, item })],
      chunks: chunks.map((delta) =>
        event("response.output_text.delta", { item_id: "msg_1", output_index: 0, content_index: 0, delta }),
      ),
      closing: [
        ...(chunks.length === 0
          ? []
          : [event("response.output_item.done", { output_index: 0, item: { ...item, status: "completed" } })]),
        ...calls,
        event(isCut ? "response.incomplete" : "response.completed", {
          response: {
            id: "resp_1",
            incomplete_details: isCut ? { reason: details } : null,
            usage: { input_tokens: usage.input, output_tokens: usage.output, total_tokens: usage.input + usage.output },
          },
        }),
      ],
    };
  },
  errorBody: (status, message) => ({
    error: { message, type: status === 429 ? "rate_limit_error" : "api_error", code: null, param: null },
  }),
  read: (_path, body) => {
    const input = records(body["input"]);
    const { index, message } = lastWhere(input, ({ role }) => role === "user");
    return {
      model: text(body["model"]),
      lastUserText: contentText(message["content"]),
      toolResults: input
        .slice(index + 1)
        .filter(({ type }) => type === "function_call_output")
        .map(({ output }) => contentText(output)),
      toolNames: records(body["tools"]).map((tool) => text(tool["name"])),
    };
  },
};
