import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { historyOf, paramsOf, startingMethods, usersIn } from "./testing/crash-calls.ts";
import {
  buildCrashProgram,
  connectCrashClient,
  type CrashClient,
  createCrashSubject,
  faultsOf,
} from "./testing/crash-subject.ts";
import { commitStages, type FaultPoint, nameOf } from "./testing/fault-points.ts";

/** Every point of every method, for a run by hand. */
const isLong = process.env["CRASH_LONG"] === "1";

let program: Awaited<ReturnType<typeof buildCrashProgram>>;
beforeAll(async () => {
  program = await buildCrashProgram();
});
afterAll(() => program[Symbol.asyncDispose]());

/** Every point is passed once for one message that runs and one that waits behind it. */
describe.each(startingMethods.map((method) => ({ method })))("killed at every point of $method", ({ method }) => {
  const send = (client: CrashClient, key: string, run: string) => client.request(method, paramsOf[method](key, run));

  test("nothing acknowledged is lost, nothing is doubled", { timeout: 600_000 }, async () => {
    await using subject = await createCrashSubject(program);
    let client = await connectCrashClient(await subject.start());

    /** Sends both messages; tells which were acknowledged before the process died. */
    async function play(name: string): Promise<{ running: boolean; waiting: boolean }> {
      subject.tell({ go: false });
      const running = (await send(client, name, `${name}-running`))?.ok === true;
      const waiting = (await send(client, name, `${name}-waiting`))?.ok === true;
      subject.tell({ go: true });
      return { running, waiting };
    }
    async function ended(run: string): Promise<unknown> {
      return (await client.request("agent.wait", { runId: run, timeoutMs: 20_000 }))?.payload;
    }

    // The database is open when this is answered, and its migrations are no longer counted.
    await client.request("sessions.list", {});
    await subject.ask({ arm: null });
    expect(await play("whole")).toEqual({ running: true, waiting: true });
    for (const run of ["whole-running", "whole-waiting"]) expect(await ended(run)).toMatchObject({ status: "ok" });
    const report = await subject.ask({ count: true });
    if (!("counted" in report)) throw new Error("nothing was counted");
    const { commits, events } = report.counted;
    // Of each run: accepted, started, two messages, the end; commits that fall together are one.
    expect(commits).toBeGreaterThanOrEqual(8);
    expect(events).toBe(24);

    const stages = isLong ? commitStages : (["before the commit", "after the commit"] as const);
    const commitPoints: FaultPoint[] = Array.from({ length: commits }, (_, index) => index + 1).flatMap((number) =>
      stages.map((stage) => ({ at: "commit" as const, number, stage })),
    );
    const eventPoints: FaultPoint[] = Array.from({ length: isLong ? events : events / 2 }, (_, index) => ({
      at: "event",
      number: index + 1,
    }));
    // The methods differ only in how a message is accepted.
    const points =
      isLong || method === "chat.send"
        ? [...commitPoints, ...eventPoints]
        : commitPoints.filter((point) => point.at === "commit" && point.number === 1);

    const missed: string[] = [];
    for (const [index, point] of points.entries()) {
      const name = `p${index}`;
      const [running, waiting] = [`${name}-running`, `${name}-waiting`];
      await subject.ask({ arm: point });
      const told = await play(name);
      // Calls that come together share a commit, so that the last ones may have fewer.
      const isOver = await Promise.race([
        client.closed.then(() => false),
        ended(waiting).then((end) => end !== undefined),
      ]);
      if (isOver) {
        missed.push(nameOf(point));
        continue;
      }
      await subject.gone();
      const found = await subject.inspect((db) => ({
        faults: faultsOf(db),
        runs: db.prepare("SELECT run_id, state FROM runs WHERE session_key LIKE ?").all(`%:${name}`),
      }));
      expect(found.faults, nameOf(point)).toEqual([]);
      const kept = new Map(found.runs.map((row) => [row["run_id"], row["state"]]));
      const lost = [told.running && running, told.waiting && waiting].filter((run) => run !== false && !kept.has(run));
      expect(lost, nameOf(point)).toEqual([]);

      client = await connectCrashClient(await subject.start());
      subject.tell({ go: true });
      // As a careful client does: the same keys again, whether or not they were answered.
      for (const run of [running, waiting])
        expect(await send(client, name, run), nameOf(point)).toMatchObject({ ok: true });
      for (const run of [running, waiting]) expect(await ended(run), nameOf(point)).toMatchObject({ status: "ok" });

      const messages = await historyOf(client, name);
      expect(usersIn(messages), nameOf(point)).toEqual([running, waiting]);
      const ends = messages.filter(({ role, stopReason }) => role === "assistant" && stopReason !== "toolUse");
      const cut = [running, waiting].filter((run) => kept.get(run) === "running").length;
      expect(ends.map(({ stopReason }) => stopReason).toSorted(), nameOf(point)).toEqual([
        ...Array<string>(cut).fill("interrupted"),
        ...Array<string>(2 - cut).fill("stop"),
      ]);
    }
    expect(missed.length, missed.join("; ")).toBeLessThanOrEqual(2 * commitStages.length);
    await subject.gone("SIGTERM");
    expect(await subject.inspect(faultsOf)).toEqual([]);
  });
});
