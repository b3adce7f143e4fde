import { expect, test } from "vitest";
import { formatLogLine } from "./log-line.ts";
import { plain } from "./plain.ts";
import { createStreamPrinter } from "./stream-printer.ts";
import { createStyle, wantsColours } from "./style.ts";
import { formatFields, formatTable } from "./table.ts";
import { formatAge, formatDuration, parseDuration, parseMoment } from "./time.ts";

const style = createStyle(false);

test("a table aligns, leaves out empty columns and cuts the last one to the terminal", () => {
  const rows = [
    { key: "main", count: "7", note: undefined, title: "A long title that does not fit" },
    { key: "agent:main:other", count: "1,234", note: undefined, title: undefined },
  ];
  const text = formatTable(
    rows,
    [
      { title: "key", cell: (row) => row.key },
      { title: "count", align: "right", cell: (row) => row.count },
      { title: "note", cell: (row) => row.note },
      { title: "title", cell: (row) => row.title },
    ],
    { width: 40 },
  );
  expect(text).toBe(
    [
      "KEY               COUNT  TITLE",
      "main                  7  A long title t…",
      "agent:main:other  1,234  -",
      "",
    ].join("\n"),
  );
});

test("fields are aligned, absent ones left out", () => {
  expect(formatFields({ gateway: "running", version: undefined, up: "1 s" })).toBe("gateway  running\nup       1 s\n");
});

test("text of others cannot steer the terminal", () => {
  expect(plain("a\u001B]0;title\u0007b\r\nc\td\u009B2J")).toBe("a]0;titleb\nc\td2J");
  expect(formatTable([{ key: "x\n\u001B[2Jy" }], [{ title: "key", cell: ({ key }) => key }])).toBe("KEY\nx [2Jy\n");
});

test("colours are for terminals without NO_COLOR", () => {
  expect([
    wantsColours(true, {}),
    wantsColours(true, { NO_COLOR: "1" }),
    wantsColours(true, { NO_COLOR: "" }),
    wantsColours(true, { TERM: "dumb" }),
    wantsColours(false, {}),
  ]).toEqual([true, false, true, false, false]);
  expect([createStyle(true).red("x"), style.red("x")]).toEqual(["\u001B[31mx\u001B[39m", "x"]);
});

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1_000, "1 s"],
  [61_500, "1 min 1 s"],
  [3_600_000, "1 h"],
  [90_061_000, "1 d 1 h"],
])("%d ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("ages are told in one unit", () => {
  expect(
    [0, 5_000, 130_000, 7_300_000, 200_000_000].map((age) => formatAge(1_000_000_000 - age, 1_000_000_000)),
  ).toEqual(["now", "5 s ago", "2 min ago", "2 h ago", "2 d ago"]);
});

test.each([
  ["500ms", "s", 500],
  ["30s", "ms", 30_000],
  ["2m", "ms", 120_000],
  ["1.5h", "ms", 5_400_000],
  ["30", "s", 30_000],
  ["30", "ms", 30],
  ["", "s", undefined],
  ["-1", "s", undefined],
  ["0", "s", undefined],
  ["5 weeks", "s", undefined],
  ["99999999h", "s", undefined],
] as const)("the time %j with a bare number in %s", (text, unit, ms) => {
  expect(parseDuration(text, unit)).toBe(ms);
});

test("a growing text is printed as it grows, anew after a retry, with notes on lines of their own", () => {
  let out = "";
  const printer = createStreamPrinter((text) => (out += text));
  printer.show("Hel");
  printer.show("Hello");
  printer.note("[read]");
  printer.show("Hello\n\nWorld");
  printer.show("Again");
  printer.show("Again!");
  expect([printer.end(), printer.end()]).toEqual([true, true]);
  expect(out).toBe("Hello\n[read]\n\nWorld\nAgain!\n");
});

test("log lines are told as time, level, message and fields", () => {
  const time = "2026-11-20T10:11:12.000Z";
  const local = new Date(time).toLocaleTimeString("sv");
  expect(
    formatLogLine(
      JSON.stringify({ level: 40, time, pid: 1, path: "a b", n: 2, err: { message: "bad" }, msg: "hi" }),
      style,
    ),
  ).toBe(`${local} WARN  hi path="a b" n=2 err="bad"`);
  expect(formatLogLine("plain \u001B[1mtext", style)).toBe("plain [1mtext");
  expect(formatLogLine("{broken", style)).toBe("{broken");
});

test.each([
  ["2026-11-21T10:00:00Z", Date.UTC(2026, 10, 21, 10)],
  ["2026-11-21", Date.UTC(2026, 10, 21)],
  ["1795273759713", 1_795_273_759_713],
  ["2h", 10_000_000 - 7_200_000],
  ["1.5m", 10_000_000 - 90_000],
  ["0.1d", 10_000_000 - 8_640_000],
  ["yesterday", undefined],
  ["5", undefined],
  ["", undefined],
])("the moment %j", (text, at) => {
  expect(parseMoment(text, 10_000_000)).toBe(at);
});
