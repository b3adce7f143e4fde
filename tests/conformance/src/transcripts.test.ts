import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coveringDeviation, deviations } from "./deviations.ts";
import { startGatewayUnderTest } from "./gateway-under-test.ts";
import { type Mismatch, replay, type ReplayReport } from "./replay.ts";
import { giveItAPast } from "./seed.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

/** Replays that run at the same time; they mostly wait. */
const atOnce = 3;

async function run({ transcript, installation, start, steps }: Scenario): Promise<ReplayReport> {
  await using gateway = await startGatewayUnderTest({ installation, ...start });
  if (!start?.providerDown) await giveItAPast(gateway, installation);
  const target = { url: gateway.url, port: gateway.port, fixed: new Map([["<TOKEN>", gateway.token ?? ""]]) };
  return await replay(transcript, target, {
    ...steps(gateway),
    isExpectedAbsent: ({ conn, form, about }) =>
      coveringDeviation({
        transcript: transcript.name,
        protocol: transcript.protocol,
        line: 0,
        conn,
        about,
        kind: "missing-event",
        path: "",
        expected: form,
        actual: "never came",
      }) !== undefined,
  });
}

const reports = new Map<Scenario, Promise<ReplayReport>>();

beforeAll(() => {
  const waiting = [...scenarios];
  const settled = new Map(scenarios.map((scenario) => [scenario, Promise.withResolvers<ReplayReport>()]));
  for (const [scenario, { promise }] of settled) {
    promise.catch(() => undefined);
    reports.set(scenario, promise);
  }
  const work = async (): Promise<void> => {
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
      await run(scenario).then(settled.get(scenario)!.resolve, settled.get(scenario)!.reject);
    }
  };
  for (let index = 0; index < atOnce; index += 1) void work();
});
afterAll(async () => {
  await Promise.allSettled(reports.values());
});

const describeMismatch = ({ transcript, line, conn, about, kind, path, expected, actual }: Mismatch): string =>
  `${transcript}:${line} [${conn}] ${about}: ${kind} ${path}\n    recorded: ${expected}\n    ours:     ${actual}`;

describe.each([3, 4] as const)("recordings of protocol %i", (protocol) => {
  test.each(
    scenarios
      .filter(({ transcript }) => transcript.protocol === protocol)
      .map((scenario) => [scenario.transcript.name, scenario] as const),
  )(
    "%s",
    async (_, scenario) => {
      const { mismatches, compared } = await reports.get(scenario)!;
      const unexplained = mismatches.filter((mismatch) => !coveringDeviation(mismatch));
      expect(unexplained.map(describeMismatch).join("\n")).toBe("");
      expect(compared.answers + compared.closes).toBeGreaterThan(0);
    },
    120_000,
  );
});

/** Surroundings (timing, leftovers) may or may not show; behaviour does. */
const behaviours = deviations.filter(({ kind }) => kind !== "circumstance");

describe("what differs", () => {
  test.each(behaviours.map((deviation) => [deviation.id, deviation] as const))(
    "%s is still so",
    async (_, { covers }) => {
      const all = await Promise.all(reports.values());
      expect(all.flatMap(({ mismatches }) => mismatches).some(covers)).toBe(true);
    },
    300_000,
  );
});
