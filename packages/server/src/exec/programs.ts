import { basename } from "node:path";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Programs whose arguments are a command or code of another kind: to allow them is to allow everything. */
const wrappers = words(`
  env sudo doas su pkexec run0 runuser gosu su-exec setpriv xargs parallel nice ionice chrt taskset nohup timeout stdbuf
  unbuffer setsid setarch linux32 linux64 chroot unshare nsenter bwrap firejail flatpak-spawn systemd-run at batch crontab
  watch entr script expect screen tmux dtach time strace ltrace gdb lldb valgrind perf rlwrap proot fakeroot faketime
  eatmydata catchsegv ld.so ld-linux ld-linux-x86-64.so ld-linux-aarch64.so ld-musl-x86_64.so busybox toybox
  sh bash rbash dash ash zsh ksh mksh lksh pdksh yash fish csh tcsh rc es elvish nu pwsh powershell cmd command
  eval exec builtin source . : ssh slogin rsh mosh scp sftp telnet nc ncat netcat socat docker podman nerdctl kubectl
  make gmake ninja cmake just rake npx bunx pnpx uvx pipx corepack npm pnpm yarn
  awk gawk mawk nawk original-awk sed vi vim view vimdiff nvim ex ed emacs emacsclient nano pico less more most man pager
  osascript open start rundll32 mshta wscript cscript regsvr32 doas m4 dc bc gcc cc clang ld
`);

/** Programs that run a file of code; only that form of them can be allowed by path. */
const interpreters = words(`
  python pypy node nodejs deno bun perl ruby jruby php lua luajit tclsh wish expect rscript r julia java groovy scala
  guile racket sbcl ghci runghc ocaml erl escript elixir iex swift tsx ts-node irb
`);

/** Options through which an otherwise harmless program runs another, writes or deletes. Long ones without dashes. */
const risky: Readonly<Record<string, { short?: string; long?: readonly string[]; words?: ReadonlySet<string> }>> = {
  find: { words: words("-exec -execdir -ok -okdir -delete -fprint -fprint0 -fprintf -fls") },
  fd: { short: "xX", long: ["exec", "exec-batch"] },
  fdfind: { short: "xX", long: ["exec", "exec-batch"] },
  rg: { long: ["pre", "hostname-bin", "search-zip"], short: "z" },
  sort: { short: "oT", long: ["compress-program", "output", "temporary-directory", "files0-from"] },
  tar: {
    short: "IF",
    long: [
      "use-compress-program",
      "to-command",
      "checkpoint-action",
      "info-script",
      "new-volume-script",
      "rsh-command",
      "rmt-command",
    ],
  },
  git: {
    short: "cO",
    long: [
      "config-env",
      "exec-path",
      "upload-pack",
      "receive-pack",
      "exec",
      "ext-diff",
      "textconv",
      "open-files-in-pager",
      "extcmd",
      "git-dir",
      "work-tree",
      "template",
      "output",
      "paginate",
      "super-prefix",
      "upload-archive",
    ],
    words: words(
      "bisect submodule filter-branch difftool mergetool rebase config hook daemon instaweb web--browse clone fetch pull push -C",
    ),
  },
  rsync: { short: "e", long: ["rsh", "rsync-path"] },
  zip: { short: "T", long: ["unzip-command", "test"] },
  curl: {
    short: "oOKJ",
    long: ["output", "remote-name", "remote-name-all", "config", "output-dir", "remote-header-name"],
  },
  wget: {
    short: "OPeo",
    long: ["output-document", "directory-prefix", "execute", "use-askpass", "config", "output-file"],
  },
  jq: { short: "fL", long: ["from-file"] },
  split: { long: ["filter"] },
  date: { short: "s", long: ["set"] },
  hostname: { short: "F", long: ["file"] },
  ip: { short: "b", long: ["batch", "netns"], words: words("netns") },
  file: { short: "Cm", long: ["compile", "magic-file"] },
  patch: { short: "e", long: ["ed"] },
  logrotate: { short: "s" },
  openssl: { words: words("-engine -provider s_client") },
  dig: { short: "f" },
  cargo: { words: words("run install"), long: ["config"] },
  go: { words: words("run generate test tool"), long: ["exec", "toolexec"] },
  journalctl: { long: ["vacuum-size", "vacuum-time", "vacuum-files", "rotate", "flush", "cursor-file"] },
};

/** A program's names without what distributions and other file systems add: case, `.exe`, `.static`, versions. */
export function plainNames(path: string): string[] {
  const name = basename(path).toLowerCase();
  const bare = name.replace(/\.(exe|cmd|bat|com)$/, "");
  const stem = bare.replace(/\.\d[\d.]*$/, "").replace(/(?<=[a-z])-?\d[\d.]*$/, "");
  return [name, bare, stem, stem.replace(/(?<=.)\..*$/, "")];
}

/**
 * Why an entry for the program alone cannot cover these words; undefined when it can. `names` are all names the program
 * goes by: as written, and the files its links lead to.
 */
export function beyondItsProgram(argv: readonly string[], names: readonly string[]): string | undefined {
  const args = argv.slice(1);
  for (const name of new Set(names.flatMap(plainNames))) {
    if (wrappers.has(name)) return `${name} runs other commands`;
    if (interpreters.has(name)) {
      const [script] = args;
      if (script === undefined || script === "" || script.startsWith("-"))
        return `${name} runs code from its arguments`;
    }
    const option = Object.hasOwn(risky, name) ? riskyOption(args, risky[name] ?? {}) : undefined;
    if (option !== undefined) return `${name} ${option} can run or overwrite something else`;
  }
  return undefined;
}

/** Whether the words are what a person could allow for good: the program itself is all that runs. */
export function canBeAllowedAlways(names: readonly string[]): boolean {
  return names.flatMap(plainNames).every((name) => !wrappers.has(name) && !interpreters.has(name));
}

function riskyOption(
  args: readonly string[],
  { short = "", long = [], words: plain }: (typeof risky)[string],
): string | undefined {
  return args.find((arg) => {
    if (plain?.has(arg) || plain?.has(arg.split("=", 1)[0] ?? "")) return true;
    if (/^--./.test(arg)) {
      // Programs take any unambiguous beginning of a long option.
      const name = arg.slice(2).split("=", 1)[0]?.toLowerCase() ?? "";
      return long.some((option) => option.startsWith(name) || name.startsWith(option));
    }
    return /^-[^-]/.test(arg) && Array.from(arg.slice(1)).some((letter) => short.includes(letter));
  });
}
