import { describe, expect, test } from "vitest";
import { paramsOf, type StartingMethod, startingMethods } from "./testing/crash-calls.ts";
import {
  buildCrashProgram,
  connectCrashClient,
  type CrashClient,
  createCrashSubject,
  faultsOf,
} from "./testing/crash-subject.ts";

/** More are for a long run by hand. */
const trials = Number(process.env["CRASH_TRIALS"] ?? 8);
const seed = Number(process.env["CRASH_SEED"] ?? Date.now() % 2 ** 31);

/** A small generator of numbers in [0, 1), so that a run can be had again by its seed. */
function createRandom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("killed at any moment", () => {
  const random = createRandom(seed);
  const modes = ["queue", "collect", "steer", "interrupt"];

  test(
    `${trials} times (CRASH_SEED=${seed}): every message is there once and has ended`,
    { timeout: 60_000 + trials * 20_000 },
    async () => {
      await using program = await buildCrashProgram();
      await using subject = await createCrashSubject(program);
      const acknowledged = new Map<string, string>();
      const pending = new Map<string, { method: StartingMethod; key: string; mode: string }>();
      let sent = 0;

      /** Sends until the gateway goes; what was not answered is sent again with the same key in the next life. */
      async function talk(client: CrashClient, writer: number): Promise<void> {
        for (;;) {
          const [again] = [...pending].filter(([, { key }]) => key === `s${writer}`);
          const run = again?.[0] ?? `r${++sent}`;
          const call = again?.[1] ?? {
            method: startingMethods[Math.floor(random() * startingMethods.length)]!,
            key: `s${writer}`,
            mode: modes[Math.floor(random() * modes.length)]!,
          };
          pending.set(run, call);
          const mode = call.method === "chat.send" && { queueMode: call.mode };
          const answer = await client.request(call.method, { ...paramsOf[call.method](call.key, run), ...mode });
          if (!answer) return;
          expect(answer).toMatchObject({ ok: true });
          pending.delete(run);
          acknowledged.set(run, call.key);
        }
      }

      for (let trial = 0; trial < trials; trial++) {
        using client = await connectCrashClient(await subject.start());
        subject.tell({ go: true });
        // Killed while its first database is made, a life leaves nothing to look at.
        if (trial === 0) await client.request("sessions.list", {});
        const talking = Promise.all(Array.from({ length: 5 }, (_, writer) => talk(client, writer)));
        await new Promise((resolve) => setTimeout(resolve, random() * 250));
        await subject.gone("SIGKILL");
        await talking;
        expect(await subject.inspect(faultsOf)).toEqual([]);
      }

      const client = await connectCrashClient(await subject.start());
      subject.tell({ go: true });
      for (const [run, { method, key }] of pending) {
        expect(await client.request(method, paramsOf[method](key, run))).toMatchObject({ ok: true });
        acknowledged.set(run, key);
      }
      for (const run of acknowledged.keys())
        expect((await client.request("agent.wait", { runId: run, timeoutMs: 20_000 }))?.payload).toMatchObject({
          status: "ok",
        });
      await subject.gone("SIGTERM");
      const found = await subject.inspect((db) => ({
        faults: faultsOf(db),
        open: db.prepare("SELECT run_id FROM runs WHERE ended_at IS NULL").all(),
        users: db
          .prepare("SELECT run_id FROM messages WHERE message ->> '$.role' = 'user'")
          .all()
          .map((row) => String(row["run_id"])),
      }));
      expect(found.faults).toEqual([]);
      expect(found.open).toEqual([]);
      const stored = new Set(found.users);
      expect(stored.size).toBe(found.users.length);
      expect([...acknowledged.keys()].filter((run) => !stored.has(run))).toEqual([]);
      expect(acknowledged.size).toBeGreaterThan(trials);
    },
  );
});
