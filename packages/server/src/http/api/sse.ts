import type { Cancel, Clock } from "../../platform/clock.ts";

/** How often a silent stream says that it is alive; below what proxies wait. */
const heartbeatMs = 15_000;

/** Server-sent events to one client. */
export interface EventStream {
  /** Resolves when the client has room for more; rejects never. What is sent after the end is dropped. */
  send(event: { event?: string; data: string }): Promise<void>;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/**
 * Answers with a stream that `write` fills. A client that reads slowly makes `send` wait, so nothing piles up here; one
 * that goes away aborts `signal`. When `write` is done the stream ends.
 */
export function streamEvents(
  clock: Clock,
  write: (stream: EventStream) => Promise<void>,
  headers: Record<string, string> = {},
): Response {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  let hasRoom = Promise.withResolvers<void>();
  let isOver = false;
  let cancelBeat: Cancel | undefined;

  function end(): void {
    isOver = true;
    cancelBeat?.();
    hasRoom.resolve();
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const enqueue = (text: string): void => {
          if (isOver) return;
          controller.enqueue(encoder.encode(text));
          beatLater();
        };
        const beatLater = (): void => {
          cancelBeat?.();
          cancelBeat = clock.at(clock.now() + heartbeatMs, () => {
            // A client that does not read needs no sign of life.
            if ((controller.desiredSize ?? 0) > 0) enqueue(": keep-alive\n\n");
            else beatLater();
          });
        };
        beatLater();
        const send: EventStream["send"] = async ({ event, data }) => {
          enqueue(`${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`);
          while (!isOver && (controller.desiredSize ?? 0) <= 0) await hasRoom.promise;
        };
        void write({ send, signal: gone.signal }).then(
          () => {
            if (!isOver) controller.close();
            end();
          },
          (error: unknown) => {
            if (!isOver) controller.error(error);
            end();
          },
        );
      },
      pull: () => {
        hasRoom.resolve();
        hasRoom = Promise.withResolvers<void>();
      },
      cancel: () => {
        end();
        gone.abort();
      },
    },
    // Bytes that may wait here before the writer does.
    { highWaterMark: 64 * 1024, size: (chunk) => chunk.byteLength },
  );

  return new Response(body, {
    headers: {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-cache",
      // Proxies must pass on what there is, and so must the adapter of Node, which waits for more otherwise.
      "X-Accel-Buffering": "no",
      "Transfer-Encoding": "chunked",
      ...headers,
    },
  });
}
