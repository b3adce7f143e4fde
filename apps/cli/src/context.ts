import { createStyle, type Style, wantsColours } from "./output/style.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Options that every command takes, before and after its name. */
export type GlobalOptions = {
  url?: string;
  token?: string;
  password?: string;
  tlsFingerprint?: string;
  /** As written; each command says what a bare number counts. */
  timeout?: string;
  stateDir?: string;
  config?: string;
  json?: boolean;
};

/** What a command sees of the process around it. */
export type CommandContext = {
  environment: Environment;
  /** How this program was started, for the commands it tells people to type. */
  invocation: string;
  out: (text: string) => void;
  err: (text: string) => void;
  isTty: boolean;
  /** Columns of the terminal; undefined where there is none. */
  width: number | undefined;
  style: Style;
  errStyle: Style;
  isDebugging: boolean;
};

/** The context of this process. */
export function createProcessContext(): CommandContext {
  const { env, stdout, stderr } = process;
  return {
    environment: env,
    invocation: invocationOf(process.argv[1]),
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isTty: stdout.isTTY === true,
    width: stdout.isTTY ? stdout.columns : undefined,
    style: createStyle(wantsColours(stdout.isTTY, env)),
    errStyle: createStyle(wantsColours(stderr.isTTY, env)),
    isDebugging: isDebugging(env),
  };
}

/** `DEBUG=openclaw`, alone or in a list, as other programs read it. */
export function isDebugging({ DEBUG = "" }: Environment): boolean {
  return DEBUG.split(/[\s,]+/).some((name) => name === "*" || /^openclaw(:|$)/.test(name));
}

/** What a person types to start this program again from the folder they are in. */
export function invocationOf(script: string | undefined, folder = process.cwd()): string {
  if (script === undefined || /[\\/]openclaw$/.test(script)) return "openclaw";
  const path = script.startsWith(`${folder}/`) ? script.slice(folder.length + 1) : script;
  return `node ${/\s/.test(path) ? JSON.stringify(path) : path}`;
}
