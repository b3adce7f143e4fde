/**
 * The streams of the benchmark. The user's message says how long an answer is wanted, so that one model serves every
 * measurement; each token is as long as an average one and carries its own number.
 */
export type StreamOrder = { streamId: string; tokens: number; intervalMs: number };

/** Bytes of one token: a space and four digits. */
export const tokenBytes = 5;

export const tokenText = (index: number): string => ` ${String(index).padStart(4, "0")}`;

export const orderMessage = ({ streamId, tokens, intervalMs }: StreamOrder): string =>
  `bench stream=${streamId} tokens=${tokens} intervalMs=${intervalMs}`;

export function readOrder(message: string): StreamOrder | undefined {
  const found = /stream=(\S+) tokens=(\d+) intervalMs=(\d+)/.exec(message);
  return found ? { streamId: found[1]!, tokens: Number(found[2]), intervalMs: Number(found[3]) } : undefined;
}

/** What the provider tells the driver once a stream has ended: when each token left, on the monotonic clock. */
export type StreamReport = { streamId: string; sentAtMs: number[] };
