import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { casesOf, propertySeed } from "@openclaw-gateway/properties";
import { tellCases } from "@openclaw-gateway/properties/told";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePlainArgv } from "./plain-argv.ts";

const argvOf = (command: string): readonly string[] | undefined => {
  const parsed = parsePlainArgv(command);
  return "argv" in parsed ? parsed.argv : undefined;
};

describe("T-E5: what is more than words is not read as words", () => {
  test.each([
    ["a chain", ["a; b", "a && b", "a || b", "a & b", "a |b", "a\nb", "a;b", "a &", "(a)", "{ a; }", "a\rb"]],
    ["substitution", ["a $(b)", "a `b`", 'a "$(b)"', 'a "`b`"', "a <(b)", "a $((1))", "a ${b}", "a $b", 'a "$b"']],
    ["redirection", ["a > b", "a>b", "a < b", "a 2>&1", "a <<x", "a >| b", "a <>b", "a &> b", "a 2> b"]],
    [
      "expansion",
      ["a *", "a ?", "a [b]", "a ~", "a ~/b", "a {b,c}", "a b{1..9}", "a !!", "a !b", 'a "!b"', "a b=~/c", "a @(b)"],
    ],
    ["escapes", ["a \\b", "a\\ b", 'a "\\b"', "a $'b'", 'a $"b"', "a \\\nb", "a b\\"]],
    ["quotes that stay open", ["a 'b", 'a "b', "a b'", "'"]],
    ["an assignment first", ["A=1 b", "a=b", "A+=1 b", "A='x' b", '"A"=1 b'.replaceAll('"', ""), "PATH=. ls"]],
    [
      "the shell's own words",
      ["if a", "! a", "time ls", "coproc a", "function f", "while x", "[[ a ]]", "{ a", "case x"],
    ],
    ["comments", ["a #b", "#a", "a b #"]],
    [
      "what cannot be seen",
      ["a\u00A0b", "a \u200Bb", "a '\u202Eb'", 'a "b\nc"', "a 'b\tc'", "a\u2028b", "a\0b", "a '\uD800'", "\uFEFFa"],
    ],
    ["nothing", ["", " ", "\t", "''", '""']],
    ["a word for zsh", ["a =b", "=ls"]],
    ["job control and options", ["%1", "-c ls"]],
  ])("%s", (_, commands) => {
    for (const command of commands) expect(argvOf(command), command).toBeUndefined();
  });

  test.each([
    ["ls", ["ls"]],
    ["  git   log\t--oneline -n5 ", ["git", "log", "--oneline", "-n5"]],
    [`grep -n 'a b' "c d" e'f'"g"`, ["grep", "-n", "a b", "c d", "efg"]],
    [`echo 'x;y && $(z) \`w\` > v \\n *?~#!'`, ["echo", "x;y && $(z) `w` > v \\n *?~#!"]],
    [`echo "it's" ''`, ["echo", "it's", ""]],
    ["/usr/bin/env-like --opt=a,b:c@d%e+f", ["/usr/bin/env-like", "--opt=a,b:c@d%e+f"]],
    ["echo 'grüße 日本'", ["echo", "grüße 日本"]],
  ])("%s", (command, argv) => {
    expect(argvOf(command)).toEqual(argv);
  });
});

/** Programs that are functions in the shell under test, so that its own parsing decides what reaches them. */
const callable = ["ls", "git", "grep", "tool", "x_1"];
/** Words like any other for the parser; what a shell does itself by these names would end the one under test. */
const builtins = new Set(["eval", "exec", ".", ":"]);
const marker = "\u0001END";

/** What a real shell makes of each command: the words that reach the program, or undefined when none or other ones run. */
function wordsByShell(shell: string, commands: readonly string[], folder: string): (string[] | undefined)[] {
  const functions = callable.map((name) => `${name}() { printf '%s\\0' ${name} "$@"; }`);
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = commands.map((command) => `eval ${quote(command)} </dev/null 2>/dev/null\nprintf '${marker}\\0'`);
  const script = [...functions, ...lines, ""].join("\n");
  const { stdout } = spawnSync(shell, ["-s"], {
    input: script,
    cwd: folder,
    env: { PATH: "/nonexistent", HOME: "/home/somebody", LC_ALL: "C.UTF-8", IFS: " \t\n" },
    maxBuffer: 256 * 1024 * 1024,
  });
  const results = stdout.toString("utf8").split(`${marker}\0`);
  return commands.map((_, index) => results[index]?.split("\0").slice(0, -1));
}

const pieces = [
  ...Array.from(" \t\n\r;&|<>(){}[]*?~#!$`\\'\"=%^@+,:./-_aZ09"),
  "$(",
  "${",
  "$((",
  "&&",
  "||",
  ">>",
  "<<",
  "2>&1",
  "<(",
  "\\\n",
  "''",
  '""',
  "'a b'",
  '"a b"',
  "$'",
  '$"',
  "A=1",
  "a=b",
  "--",
  "-c",
  "--opt=x",
  "if",
  "then",
  "!",
  "time",
  "[[",
  "~/x",
  "~root",
  "{a,b}",
  "{1..3}",
  "\u00A0",
  "\u200B",
  "\u202E",
  "ü",
  "日本",
  "\u0001",
  "\u007F",
  "\uFEFF",
  "sh",
  "eval",
  "$IFS",
  "${IFS}",
  "$HOME",
  "`x`",
  "#c",
  "\\",
  "\\'",
  "'\\''",
  "exec",
  "touch canary",
  "> canary",
  ": > canary",
];
const anything = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""));
const quotedWord = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]{0,8}$/),
  fc.stringMatching(/^[ -&(-~]{0,10}$/).map((text) => `'${text}'`),
  fc.stringMatching(/^[ #%-[\]-_a-~]{0,10}$/).map((text) => `"${text}"`),
);
const word = fc.array(quotedWord, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(""));
const program = fc.constantFrom(...callable, ...callable.map((name) => `'${name}'`), `"ls"`, "l's'", `g"it"`);
const separator = fc.constantFrom(" ", "  ", "\t", " \t ");
const mostlyPlain = fc
  .tuple(program, fc.array(fc.tuple(separator, word), { maxLength: 6 }), fc.constantFrom("", " ", "\t"))
  .map(([name, rest, end]) => name + rest.flat().join("") + end);
/** Plain but for one intruder. */
const spoilt = fc
  .tuple(mostlyPlain, fc.constantFrom(...pieces), fc.nat())
  .map(([text, piece, at]) => text.slice(0, at % (text.length + 1)) + piece + text.slice(at % (text.length + 1)));
const afterProgram = fc.tuple(program, separator, anything).map((parts) => parts.join(""));
const before = fc.tuple(anything, separator, mostlyPlain).map((parts) => parts.join(""));

describe("T-E5: a real shell splits what is called plain into exactly those words", () => {
  const runs = casesOf(4_000);

  test.each(["/bin/sh", "/bin/bash", "/bin/zsh"].filter((shell) => existsSync(shell)))(
    "T-E5: %s agrees about at least 10,000 commands",
    async (shell) => {
      const folder = await mkdtemp(join(tmpdir(), "plain-argv-"));
      try {
        const commands = [mostlyPlain, spoilt, afterProgram, before, anything].flatMap((kind, index) =>
          fc.sample(kind, { seed: propertySeed + index, numRuns: index === 0 ? 3 * runs : runs }),
        );
        const plain = commands.filter((command) => {
          const argv = argvOf(command);
          return argv !== undefined && !builtins.has(argv[0] ?? "");
        });
        const refused = commands.length - plain.length;
        expect(plain.length).toBeGreaterThan(2.5 * runs);
        expect(refused).toBeGreaterThan(1.25 * runs);
        const batch = 2_000;
        for (let at = 0; at < plain.length; at += batch) {
          const some = plain.slice(at, at + batch);
          const byShell = wordsByShell(shell, some, folder);
          for (const [index, command] of some.entries()) {
            const argv = argvOf(command);
            // Programs that are no function here are not found by the shell, and nothing else may have happened.
            const expected = argv && callable.includes(argv[0] ?? "") ? argv : [];
            expect(byShell[index], `${shell} ${JSON.stringify(command)} PROPERTY_SEED=${propertySeed}`).toEqual(
              expected,
            );
          }
        }
        expect(await readdir(folder)).toEqual([]);
        tellCases(commands.length);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
