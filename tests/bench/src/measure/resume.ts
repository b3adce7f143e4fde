import { randomUUID } from "node:crypto";
import { openConnection } from "../driver/wire-connection.ts";
import type { RunningTarget } from "../process/target.ts";
import { benchSession } from "../state-folder.ts";
import { quantile } from "../statistics.ts";
import { orderMessage } from "../tokens.ts";

/** How long somebody waits for the rest who was cut off at the first token: one question, the whole stream as the answer. */
export async function measureResume(
  target: RunningTarget,
  { tokens, reads }: { tokens: number; reads: number },
): Promise<number> {
  const connection = await openConnection(target.address, ["stream-positions"]);
  const sessionKey = benchSession(41);
  const { position: from } = await connection.request("streams.subscribe", { sessionKey });
  const streamId = randomUUID();
  const message = orderMessage({ streamId, tokens, intervalMs: 10 });
  const ended = new Promise<void>((resolve) => {
    connection.onFrame = (data) => {
      if (data.includes('"state":"final"') && data.includes(streamId)) resolve();
    };
  });
  await connection.request("chat.send", { sessionKey, message, idempotencyKey: streamId });
  await ended;
  const times: number[] = [];
  for (let read = 0; read < reads; read++) {
    const beginMs = performance.now();
    const { events } = await connection.request("streams.subscribe", { sessionKey, from });
    times.push(performance.now() - beginMs);
    if (!Array.isArray(events) || events.length === 0) throw new Error("the stream was not kept");
  }
  await connection.close();
  return quantile(times, 0.95);
}
