import { expect, test } from "vitest";
import { createManualClock } from "../../testing/manual-clock.ts";
import { streamEvents } from "./sse.ts";

test("a silent stream says that it is alive, and nothing more when it is over", async () => {
  const clock = createManualClock();
  const go = Promise.withResolvers<void>();
  const response = streamEvents(clock, async ({ send }) => {
    await send({ data: "one" });
    await go.promise;
    await send({ data: "two" });
  });
  const reader = response.body!.getReader();
  const next = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe("data: one\n\n");
  clock.advance(14_999);
  clock.advance(1);
  expect(await next()).toBe(": keep-alive\n\n");
  clock.advance(15_000);
  expect(await next()).toBe(": keep-alive\n\n");
  go.resolve();
  expect(await next()).toBe("data: two\n\n");
  expect((await reader.read()).done).toBe(true);
  clock.advance(60_000);
});

test("a writer that fails breaks the stream off", async () => {
  const response = streamEvents(createManualClock(), async () => {
    throw new Error("broken");
  });
  await expect(response.text()).rejects.toThrow("broken");
});
