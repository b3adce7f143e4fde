import type { FrameForm } from "@openclaw-gateway/protocol";

/**
 * Answers that stay the same between changes (lists, history pages, configuration) are encoded once. A capability marks
 * the object it will hand out again; whoever encodes it finds the text of the last time. The object must not change.
 */
const texts = new WeakMap<object, { json: string | undefined }>();

export function stable<T extends object>(value: T): T {
  texts.set(value, { json: undefined });
  return value;
}

/** `JSON.stringify`, but at most once for a stable object. */
export const encodeJson = (value: unknown): string => stableJson(value) ?? JSON.stringify(value ?? null);

/** The frame of a good answer. Text that is not kept is not made apart from its frame: joining would copy it. */
export function encodeAnswer({ response: type }: FrameForm, id: string, payload: unknown): string {
  const json = stableJson(payload);
  if (json === undefined) return JSON.stringify({ type, id, ok: true, payload: payload ?? null });
  return `{"type":"${type}","id":${JSON.stringify(id)},"ok":true,"payload":${json}}`;
}

function stableJson(value: unknown): string | undefined {
  const known = typeof value === "object" && value !== null ? texts.get(value) : undefined;
  if (known) known.json ??= JSON.stringify(value);
  return known?.json;
}
