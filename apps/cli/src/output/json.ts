import type { CommandContext } from "../context.ts";

/** The one document of `--json`. */
export function printJson({ out }: CommandContext, value: unknown): void {
  out(`${JSON.stringify(value ?? null, undefined, 2)}\n`);
}
