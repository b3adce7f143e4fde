import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coveringDeviation, deviations } from "./deviations.ts";
import { startGatewayUnderTest } from "./gateway-under-test.ts";
import { connectMemory, connectSocket } from "./raw-client.ts";
import { type Mismatch, replay, type ReplayReport, type ReplayTarget } from "./replay.ts";
import { giveItAPast } from "./seed.ts";
import { type Link, linksOf, type Scenario, scenarios } from "./scenarios.ts";

/** Replays that run at the same time; they mostly wait. */
const atOnce = 3;

type Play = { scenario: Scenario; link: Link };

const plays: readonly Play[] = scenarios.flatMap((scenario) => linksOf(scenario).map((link) => ({ scenario, link })));

async function run({ scenario, link }: Play): Promise<ReplayReport> {
  const { transcript, installation, start, steps } = scenario;
  await using gateway = await startGatewayUnderTest({ installation, ...start });
  if (!start?.providerDown) await giveItAPast(gateway, installation);
  const target: ReplayTarget = {
    open: async (path, headers) =>
      link === "socket" ? connectSocket(gateway.url + path, headers) : connectMemory(gateway),
    port: gateway.port,
    fixed: new Map([["<TOKEN>", gateway.token ?? ""]]),
  };
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

const reports = new Map<Play, Promise<ReplayReport>>();

beforeAll(() => {
  const waiting = [...plays];
  const settled = new Map(plays.map((play) => [play, Promise.withResolvers<ReplayReport>()]));
  for (const [play, { promise }] of settled) {
    promise.catch(() => undefined);
    reports.set(play, promise);
  }
  const work = async (): Promise<void> => {
    for (let play = waiting.shift(); play; play = waiting.shift()) {
      await run(play).then(settled.get(play)!.resolve, settled.get(play)!.reject);
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
    plays
      .filter(({ scenario }) => scenario.transcript.protocol === protocol)
      .map((play) => [play.scenario.transcript.name, play.link, play] as const),
  )(
    "%s (%s)",
    async (_name, _link, play) => {
      const { mismatches, compared } = await reports.get(play)!;
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
