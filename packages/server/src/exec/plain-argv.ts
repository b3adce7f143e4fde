/** A command as words, or why it is more than words. */
export type PlainArgv = { argv: [string, ...string[]] } | { problem: string };

const maxLength = 32 * 1024;
const maxWords = 1_024;

/** Characters that every shell leaves alone outside quotes. */
const bare = /[A-Za-z0-9_@%+=:,./-]/;
/** Inside quotes too, nothing that is not drawn as itself. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
/** What double quotes do not keep from a shell; `!` is history in some. */
const activeInDoubleQuotes = /[$`\\!]/;

/** Words that begin something else than a command when they come first, in any shell that may be `/bin/sh`. */
const reserved = new Set(
  "if then elif else fi for while until do done case esac in function select time coproc ! { } [[ ]] repeat foreach end nocorrect noglob".split(
    " ",
  ),
);

/**
 * Reads a command of which every POSIX shell makes exactly these words and does nothing else: no expansion, substitution,
 * redirection, chaining, assignment, comment, escape or line break. What this cannot read is not refused; a person is
 * asked about it.
 */
export function parsePlainArgv(command: string): PlainArgv {
  if (command.length > maxLength) return { problem: "the command is too long to be read with certainty" };
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < command.length) {
    const character = command.charAt(at);
    if (character === " " || character === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
    } else if (character === "'" || character === '"') {
      const end = command.indexOf(character, at + 1);
      if (end < 0) return { problem: "a quote is not closed" };
      const quoted = command.slice(at + 1, end);
      if (unseen.test(quoted)) return { problem: "there is an invisible character or a line break in quotes" };
      if (character === '"' && activeInDoubleQuotes.test(quoted))
        return { problem: "something in double quotes is expanded" };
      word = (word ?? "") + quoted;
      at = end + 1;
    } else if (bare.test(character)) {
      word = (word ?? "") + character;
      at++;
    } else {
      return { problem: `${describe(character)} means something to a shell` };
    }
  }
  if (word !== undefined) words.push(word);
  const [program, ...args] = words;
  if (program === undefined || program === "") return { problem: "there is no command" };
  if (words.length > maxWords) return { problem: "the command has too many words" };
  if (reserved.has(program)) return { problem: `${program} is a word of the shell's language` };
  if (/^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(program)) return { problem: "a variable is set before the command" };
  // zsh puts the path of a program in the place of `=name`.
  if (words.some((each) => each.startsWith("="))) return { problem: "a word begins with =" };
  if (program.startsWith("-") || program.startsWith("%")) return { problem: `${program} is not the name of a program` };
  return { argv: [program, ...args] };
}

const describe = (character: string): string =>
  /[\p{C}\p{Z}]/u.test(character) ? "an invisible character or line break" : character;
