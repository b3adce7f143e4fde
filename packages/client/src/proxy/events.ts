/** What a proxy does, for logs. Holds neither tokens nor messages. */
export type ProxyEvent =
  | { event: "opened"; origin: string | undefined }
  /** The upgrade was answered with an HTTP status; `error` is what a hook threw. */
  | { event: "refused"; origin: string | undefined; status: number; reason: string; error?: unknown }
  /** `by` ended the link with this code. */
  | { event: "closed"; origin: string | undefined; by: "page" | "gateway" | "proxy"; code: number; reason: string }
  /** The gateway could not be found or reached. */
  | { event: "failed"; origin: string | undefined; error: unknown };
