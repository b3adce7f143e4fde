import type { Clock } from "../platform/clock.ts";
import type { IdempotencyStore } from "../store/idempotency.store.ts";
import type { Principal } from "./principal.ts";

/** How long an answer is given again. */
const keepMs = 24 * 60 * 60 * 1000;

/**
 * Runs the work of a caller's idempotency key once and answers repetitions, after a restart too, with what the first
 * call was answered. A failure is not kept. For methods that leave no run behind.
 */
export type AnsweredOnce = <T>(
  call: { principal: Principal; method: string; key: string | undefined },
  work: () => Promise<T>,
) => Promise<T>;

export function createAnsweredOnce(store: IdempotencyStore, clock: Pick<Clock, "now">): AnsweredOnce {
  const underway = new Map<string, Promise<unknown>>();

  async function answer<T>(principal: string, method: string, key: string, work: () => Promise<T>): Promise<T> {
    const known = await store.get(principal, method, key);
    if (known !== undefined) return JSON.parse(known) as T;
    return JSON.parse(await store.put(principal, method, key, JSON.stringify(await work()), clock.now() + keepMs)) as T;
  }

  return async (call, work) => {
    if (call.key === undefined) return work();
    const id = JSON.stringify([call.principal.id, call.method, call.key]);
    const running = underway.get(id);
    if (running) return running as ReturnType<typeof work>;
    const started = answer(call.principal.id, call.method, call.key, work).finally(() => underway.delete(id));
    underway.set(id, started);
    return started;
  };
}
