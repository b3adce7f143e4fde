import { type CommandContext } from "./context.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { printJson } from "./output/json.ts";
import { plain } from "./output/plain.ts";

/** Explains what ended a command: one line on stderr, with `DEBUG=openclaw` the stack. Returns the exit code. */
export function reportError(
  error: unknown,
  context: CommandContext,
  { wantsDocument }: { wantsDocument: boolean },
): number {
  const { err, errStyle, isDebugging } = context;
  const known = error instanceof CommandError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const fix = known === undefined ? "run it again with DEBUG=openclaw for the details" : known.fix;
  err(`${errStyle.red("error:")} ${plain(message)}${fix === undefined ? "" : ` — ${plain(fix)}`}\n`);
  if (isDebugging && error instanceof Error) err(`${errStyle.dim(plain(describe(error)))}\n`);
  const reason = known?.reason ?? "failed";
  if (wantsDocument) printJson(context, { error: { reason, message, ...(fix === undefined ? {} : { fix }) } });
  return exitCodes[reason].code;
}

function describe(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${describe(error.cause)}` : stack;
}
