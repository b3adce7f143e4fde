import { gatewayExitCodes } from "@openclaw-gateway/server/installation";

/** Every exit code of the program, with what it means; scripts rely on them. */
export const exitCodes = {
  done: { code: gatewayExitCodes.ok, meaning: "done" },
  failed: { code: gatewayExitCodes.failed, meaning: "failed: the gateway refused, or the turn ended with an error" },
  usage: { code: gatewayExitCodes.usage, meaning: "wrong use: unknown command or option, missing or malformed value" },
  unreachable: { code: 69, meaning: "no gateway answers at the address" },
  storage: {
    code: gatewayExitCodes.storage,
    meaning: "the running gateway could not write its database any more; start it again",
  },
  alreadyRunning: {
    code: gatewayExitCodes.alreadyRunning,
    meaning: "another gateway already works on this state folder",
  },
  portUnavailable: { code: gatewayExitCodes.portUnavailable, meaning: "the gateway cannot have the port" },
  unauthorized: { code: 77, meaning: "the gateway refused the token or password, or a permission is missing" },
  configuration: {
    code: gatewayExitCodes.configuration,
    meaning: "the configuration is invalid; the output lists every problem with path and line",
  },
  timeout: { code: 124, meaning: "no answer in time" },
  interrupted: { code: 130, meaning: "interrupted by Ctrl+C" },
} as const satisfies Record<string, { code: number; meaning: string }>;

export type ExitReason = keyof typeof exitCodes;

/** What ends a command early: one line for people, what to do about it, and how the process ends. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly reason: ExitReason;
  /** What the person can do now. */
  readonly fix: string | undefined;
  constructor(reason: ExitReason, message: string, { fix, cause }: { fix?: string | undefined; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.fix = fix;
  }
}
