import type { InstalledGateway } from "@openclaw-gateway/server";
import { redactText } from "@openclaw-gateway/server/installation";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../exit-codes.ts";

const signals = { SIGINT: 130, SIGTERM: 143 } as const;
/** What clients are told to expect of a restart. */
const restartExpectedMs = 1_500;

/** How the life of a gateway ended: the process exits with this code, or another gateway takes the place. */
export type Ending = { exitCode: number } | "restart";

/**
 * Resolves when the gateway has been stopped: by a signal (0 after a clean stop; a second signal ends the process at
 * once), because it can store nothing any more, so that a supervisor starts it anew, or for a restart that the
 * configuration asks for. What fails beside the gateway's own work is logged and leaves it running.
 */
export function untilStopped(
  gateway: Pick<InstalledGateway, "stop" | "log" | "lost" | "restartWished">,
  { err, errStyle }: CommandContext,
): { ended: Promise<Ending>; forget: () => void } {
  const { log } = gateway;
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  let isStopping = false;

  function stop(ending: Ending, reason?: Parameters<InstalledGateway["stop"]>[0]): void {
    isStopping = true;
    log.info({ ending }, "the gateway stops");
    gateway.stop(reason).then(
      () => {
        // The next life has listeners of its own.
        if (ending === "restart") forget();
        resolve(ending);
      },
      (error: unknown) => {
        log.error({ err: error }, "the gateway did not stop cleanly");
        resolve({ exitCode: exitCodes.failed.code });
      },
    );
  }

  const onRejection = (reason: unknown): void =>
    log.error({ err: reason }, "a part of the gateway failed without being noticed");
  // After an exception nobody caught the state is unknown: stop in order, so that a supervisor starts anew.
  const onException = (error: Error): void => {
    log.error({ err: error }, "an error nobody caught; the gateway stops");
    err(`${errStyle.red("error:")} ${redactText(error.message, "[secret]")}\n`);
    if (isStopping) process.exit(exitCodes.failed.code);
    stop({ exitCode: exitCodes.failed.code });
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(signal === "SIGINT" ? signals.SIGINT : signals.SIGTERM);
    err(`${errStyle.dim(`${signal === "SIGINT" ? "\n" : ""}Stopping; once more ends it at once.`)}\n`);
    stop({ exitCode: exitCodes.done.code });
  };
  function forget(): void {
    process.off("unhandledRejection", onRejection);
    process.off("uncaughtException", onException);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, onSignal);
  }
  process.on("unhandledRejection", onRejection);
  process.on("uncaughtException", onException);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);

  void gateway.lost.then((error) => {
    if (isStopping) return;
    err(`${errStyle.red("error:")} ${error.message}\n`);
    stop({ exitCode: exitCodes.storage.code });
  });
  void gateway.restartWished.then(({ keys }) => {
    if (isStopping) return;
    const text = `the configuration has changed (${keys.join(", ")})`;
    err(`${errStyle.dim(`Restarting: ${text}.`)}\n`);
    stop("restart", { text, restartExpectedMs });
  });
  return { ended, forget };
}
