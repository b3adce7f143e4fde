import { type Deviation, deviations } from "./deviations.ts";
import { areaOf, namesNotYet } from "./not-yet.ts";
import { scenarios } from "./scenarios.ts";

/** `docs/compatibility.md`, made from the lists the replays are judged by. */
export function compatibilityPage(): string {
  const of = (kind: Deviation["kind"]): Deviation[] => deviations.filter((deviation) => deviation.kind === kind);
  const { methods, events } = namesNotYet(scenarios.map(({ transcript }) => transcript));
  const byArea = Map.groupBy(
    [...methods, ...events.map((event) => `event ${event}`)],
    (name) => areaOf(name.replace(/^event /, "")) ?? "other",
  );
  return [
    "# Compatibility",
    "",
    "Written by `node scripts/generate-compatibility.mjs` from `tests/conformance/src/deviations.ts`; edit that list, not this page.",
    "",
    "Clients of protocol 3 (2026.2) and of protocol 4 (2026.9) connect unmodified. `tests/conformance` plays the client's side of",
    `${scenarios.length} recordings of both generations against this gateway and compares every answer, event and close. What comes`,
    "back differently is listed here; a test fails on a difference that is not, and on an entry that is no longer true.",
    "",
    "## Different on purpose",
    "",
    ...of("decided").flatMap(({ id, recorded, ours, reason }) => [
      `### ${id}`,
      "",
      `- Recorded: ${recorded}`,
      `- Ours: ${ours}`,
      `- Why: ${reason}`,
      "",
    ]),
    "## Not yet",
    "",
    ...of("later").map(({ recorded, ours, reason }) => `- **${reason}**: ${recorded} Here: ${ours}`),
    "",
    "Recorded methods and events that are answered `unknown method`, or not sent, until their part is built:",
    "",
    ...[...byArea]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([area, names]) => `- **${area}**: ${names.map((name) => `\`${name}\``).join(", ")}`),
    "",
    "## Surroundings of the recordings",
    "",
    "These differ between the recorded machines and the test, not between the gateways:",
    "",
    ...of("circumstance").map(({ recorded, ours, reason }) => `- ${recorded} Here: ${ours} (${reason})`),
    "",
  ].join("\n");
}
