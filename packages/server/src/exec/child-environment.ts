import { tmpdir } from "node:os";
import { searchFolders } from "./find-program.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a command inherits of the gateway's own environment. Everything else, every key and token, stays behind. */
const inherited: ReadonlySet<string> = new Set(
  "HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR XDG_RUNTIME_DIR SYSTEMROOT COMSPEC PATHEXT".split(" "),
);

/** What a caller may set: it changes how output looks, never what runs. */
const settable: ReadonlySet<string> = new Set(
  "LANG LANGUAGE TZ TERM COLUMNS LINES NO_COLOR FORCE_COLOR CLICOLOR COLORTERM CI".split(" "),
);

const isLocale = (name: string): boolean => /^LC_[A-Z]+$/.test(name);

const defaultSearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Names that a caller may not set. */
export const refusedNames = (asked: Readonly<Record<string, string>>): string[] =>
  Object.keys(asked).filter((name) => !settable.has(name) && !isLocale(name));

export const settableNames: readonly string[] = [...settable, "LC_*"];

/** The whole environment of a command: an allow-list, so that nothing reaches it that nobody thought of. */
export function childEnvironment(
  own: Environment,
  asked: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && (inherited.has(name) || isLocale(name)) && isClean(value)) result[name] = value;
  }
  result["PATH"] = searchFolders(own["PATH"] ?? "").join(":") || defaultSearchPath;
  result["TMPDIR"] ??= tmpdir();
  result["TERM"] = "dumb";
  const refused = new Set(refusedNames(asked));
  for (const [name, value] of Object.entries(asked)) {
    if (!refused.has(name) && isClean(value)) result[name] = value;
  }
  return result;
}

const isClean = (value: string): boolean => !value.includes("\0");
