import { notNumber } from "../amount.ts";
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** How a protocol version says that a value is none of an enumeration: as a failed union, or in one sentence. */
export type EnumWords = "any-of" | "allowed-values";

/**
 * Validation errors in the words that published clients search for: first what is missing, then what is unexpected,
 * then what is wrong, in schema order, each part once.
 */
export function describeIssues(issues: readonly Issue[], enumWords: EnumWords = "allowed-values"): string {
  const parts = issues.flatMap((issue, index) => describe(issue, [], enumWords).map((part) => ({ ...part, index })));
  parts.sort((a, b) => a.rank - b.rank || a.index - b.index);
  return [...new Set(parts.map((part) => part.text))].join("; ");
}

type Part = { rank: number; text: string };
const missing = 0;
const unexpected = 1;
const wrong = 2;

const anyOf = "must match a schema in anyOf";

function describe(issue: Issue, base: readonly PropertyKey[], enumWords: EnumWords): Part[] {
  const path = [...base, ...issue.path];
  const at = path.length === 0 ? "" : `at /${path.map(String).join("/")}: `;
  const say = (text: string): Part[] => [{ rank: wrong, text: `${at}${text}` }];
  switch (issue.code) {
    case "invalid_type":
      if (isMissing(issue)) return requireProperty(path);
      return say(issue.message === notNumber ? notNumber : `must be ${typeName(issue.expected)}`);
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        rank: unexpected,
        text: `${at || "at root: "}unexpected property '${key}'`,
      }));
    case "too_small":
      return say(tooSmall(issue));
    case "too_big":
      return say(tooBig(issue));
    case "invalid_value":
      if (isMissing(issue)) return requireProperty(path);
      if (issue.values.length === 1) return say("must be equal to constant");
      if (enumWords === "allowed-values") return say("must be equal to one of the allowed values");
      return [...say("must be equal to constant"), ...say(anyOf)];
    case "invalid_union":
      if (isMissing(issue)) return requireProperty(path);
      return [
        ...describeBranches(issue, path, enumWords).filter(({ text }) => text !== `${at}${anyOf}`),
        ...say(anyOf),
      ];
    case "invalid_format":
      return say(
        "pattern" in issue && issue.pattern
          ? // zod writes the expression with its slashes.
            `must match pattern "${String(issue.pattern).replace(/^\/|\/$/g, "")}"`
          : `must be ${issue.format}`,
      );
    default:
      return say(issue.message);
  }
}

/** The errors of every branch; an enumeration inside a union is not said to be a union of its own. */
function describeBranches(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: readonly PropertyKey[],
  words: EnumWords,
): Part[] {
  return (issue.errors ?? []).flatMap((branch) => branch.flatMap((inner) => describe(inner, path, words)));
}

function requireProperty(path: readonly PropertyKey[]): Part[] {
  const parent = path.slice(0, -1);
  const at = parent.length === 0 ? "" : `at /${parent.map(String).join("/")}: `;
  return [{ rank: missing, text: `${at}must have required property '${String(path.at(-1))}'` }];
}

/** zod reports an absent member as a wrong value; JSON has no `undefined`, so an undefined input is an absent one. */
const isMissing = (issue: Issue): boolean => issue.path.length > 0 && "input" in issue && issue.input === undefined;

// zod says `number` for a string given as an integer. A parameter that takes other numbers says so itself (a test holds it).
const typeNames: Readonly<Record<string, string>> = { int: "integer", number: "integer", record: "object" };
const typeName = (expected: string): string => typeNames[expected] ?? expected;

function tooSmall(issue: Extract<Issue, { code: "too_small" }>): string {
  if (issue.origin === "string") return `must NOT have fewer than ${issue.minimum} characters`;
  if (issue.origin === "array") return `must NOT have fewer than ${issue.minimum} items`;
  return `must be ${issue.inclusive === false ? ">" : ">="} ${issue.minimum}`;
}

function tooBig(issue: Extract<Issue, { code: "too_big" }>): string {
  if (issue.origin === "string") return `must NOT have more than ${issue.maximum} characters`;
  if (issue.origin === "array") return `must NOT have more than ${issue.maximum} items`;
  return `must be <= ${issue.maximum}`;
}
