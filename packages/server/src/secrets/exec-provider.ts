import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { z } from "zod";
import { errorCode } from "../platform/error-code.ts";
import type { Environment } from "../config/paths.ts";
import type { ExecProvider } from "./providers.ts";
import { trustedFile } from "./trusted-path.ts";

const defaultTimeoutMs = 5_000;
const defaultMaxBytes = 1024 * 1024;
const protocolVersion = 1;

const Answer = z.object({
  protocolVersion: z.literal(protocolVersion),
  values: z.record(z.string(), z.unknown()).optional(),
  errors: z.record(z.string(), z.looseObject({})).optional(),
});

/**
 * Asks a command for the values: ids as JSON on its standard input, values as JSON on its standard output. No shell, and of
 * the environment only what is named. Nothing that it prints is in an error, because it may be a secret.
 */
export async function askCommand(
  provider: ExecProvider,
  { name, command, environment }: { name: string; command: string; environment: Environment },
  ids: readonly string[],
): Promise<Map<string, string | Error>> {
  const { allowSymlinkCommand = false, allowInsecurePath = false, trustedDirs, passEnv = [], env = {} } = provider;
  const target = await trustedFile(command, {
    allowLink: allowSymlinkCommand,
    isPrivate: false,
    allowInsecure: allowInsecurePath,
    trustedDirs,
  });
  const passed = passEnv.flatMap((key): [string, string][] => {
    const value = environment[key];
    return value === undefined ? [] : [[key, value]];
  });
  const output = await run(target, provider, {
    env: { ...Object.fromEntries(passed), ...env },
    input: JSON.stringify({ protocolVersion, provider: name, ids }),
  });
  const answer = parse(output);
  if (!answer) {
    const value = output.trim();
    const [only, ...others] = ids;
    if (provider.jsonOnly === false && only !== undefined && others.length === 0 && value !== "")
      return new Map([[only, value]]);
    throw new Error(`${command} did not answer with JSON of protocol version ${protocolVersion}`);
  }
  return new Map<string, string | Error>(
    ids.map((id) => {
      const value = answer.values?.[id];
      if (typeof value === "string" && value !== "") return [id, value];
      return [id, new Error(`${command} ${answer.errors?.[id] ? "reported an error for it" : "has no value for it"}`)];
    }),
  );
}

function run(
  command: string,
  provider: ExecProvider,
  { env, input }: { env: Record<string, string>; input: string },
): Promise<string> {
  const { args = [], timeoutMs = defaultTimeoutMs, maxOutputBytes = defaultMaxBytes } = provider;
  const { noOutputTimeoutMs = timeoutMs } = provider;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      cwd: dirname(command),
      shell: false,
      windowsHide: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (error: Error): void => {
      clearTimeout(total);
      clearTimeout(silent);
      child.kill("SIGKILL");
      reject(error);
    };
    const total = setTimeout(() => end(new Error(`${command} took longer than ${timeoutMs} ms`)), timeoutMs);
    const silent = setTimeout(
      () => end(new Error(`${command} said nothing for ${noOutputTimeoutMs} ms`)),
      noOutputTimeoutMs,
    );
    child.on("error", (error) => end(new Error(`${command} cannot be run (${errorCode(error) ?? "unknown"})`)));
    child.stdout.on("data", (chunk: Buffer) => {
      silent.refresh();
      size += chunk.length;
      if (size > maxOutputBytes) return end(new Error(`${command} printed more than ${maxOutputBytes} bytes`));
      chunks.push(chunk);
    });
    child.on("close", (code, signal) => {
      clearTimeout(total);
      clearTimeout(silent);
      if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else
        reject(new Error(`${command} ended with ${code === null ? `signal ${signal ?? "unknown"}` : `code ${code}`}`));
    });
    // A command that reads nothing may be gone before it was asked.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

function parse(text: string): z.output<typeof Answer> | undefined {
  try {
    return Answer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
