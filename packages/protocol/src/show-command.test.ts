import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteWord, showArgv, showCommand } from "./show-command.ts";

describe("T-E4: a command is shown whole, with nothing hidden in it", () => {
  test.each([
    ["ls -la", "ls -la"],
    ["echo ok\nrm -rf /", "echo ok⟦newline⟧rm -rf /"],
    ["a\tb\rc\0d", "a⟦tab⟧b⟦return⟧c⟦NUL⟧d"],
    ["cat \u202Etxt.exe", "cat ⟦U+202E⟧txt.exe"],
    ["rm\u2066 x\u2069", "rm⟦U+2066⟧ x⟦U+2069⟧"],
    ["a\u200Bb\uFEFFc", "a⟦U+200B⟧b⟦U+FEFF⟧c"],
    ["a\u00A0b\u3000c", "a⟦U+00A0⟧b⟦U+3000⟧c"],
    ["\u001B[2Khidden", "⟦U+001B⟧[2Khidden"],
    ["x\u0085y\u2028z", "x⟦U+0085⟧y⟦U+2028⟧z"],
    ["tag\u{E0041}", "tag⟦U+E0041⟧"],
    ["half\uD800", "half⟦U+D800⟧"],
    ["grüße 日本 🛠", "grüße 日本 🛠"],
    ["⟦newline⟧", "⟦U+27E6⟧newline⟦U+27E7⟧"],
  ])("%j", (text, shown) => {
    expect(showCommand(text)).toBe(shown);
  });

  test("T-E4: nothing is left out, however long, and no two commands look alike", () => {
    const long = `echo ${"a".repeat(100_000)}; rm -rf / ${"b".repeat(100_000)}`;
    expect(showCommand(long)).toBe(long);
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(showCommand(a) === showCommand(b)).toBe(a === b);
        expect(showCommand(a)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  test("words are quoted as a shell would need them", () => {
    expect(showArgv(["git", "commit", "-m", "it's done", ""])).toBe(`git commit -m 'it'\\''s done' ''`);
    expect(quoteWord("a/b.c=1")).toBe("a/b.c=1");
  });
});
