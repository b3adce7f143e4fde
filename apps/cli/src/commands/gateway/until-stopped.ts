import type { InstalledGateway } from "@openclaw-gateway/server";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../exit-codes.ts";

const signals = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Resolves with the exit code when a signal has stopped the gateway: 0 after a clean stop. A second signal ends the process
 * at once. A gateway that can store nothing any more stops too, so that a supervisor starts it anew. What fails beside the gateway's own work is logged and leaves it running.
 */
export function untilStopped(
  gateway: Pick<InstalledGateway, "stop" | "log" | "lost">,
  { err, errStyle }: CommandContext,
): Promise<number> {
  const { log } = gateway;
  process.on("unhandledRejection", (reason) =>
    log.error({ err: reason }, "a part of the gateway failed without being noticed"),
  );

  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (code: number): void => {
      isStopping = true;
      log.info({ code }, "the gateway stops");
      gateway.stop().then(
        () => resolve(code),
        (error: unknown) => {
          log.error({ err: error }, "the gateway did not stop cleanly");
          resolve(exitCodes.failed.code);
        },
      );
    };
    // After an exception nobody caught the state is unknown: stop in order, so that a supervisor starts anew.
    process.on("uncaughtException", (error) => {
      log.error({ err: error }, "an error nobody caught; the gateway stops");
      err(`${errStyle.red("error:")} ${error.message}\n`);
      if (isStopping) process.exit(exitCodes.failed.code);
      stop(exitCodes.failed.code);
    });
    void gateway.lost.then((error) => {
      if (isStopping) return;
      err(`${errStyle.red("error:")} ${error.message}\n`);
      stop(exitCodes.storage.code);
    });
    for (const [signal, code] of Object.entries(signals)) {
      process.on(signal, () => {
        if (isStopping) process.exit(code);
        err(`${errStyle.dim(`${signal === "SIGINT" ? "\n" : ""}Stopping; once more ends it at once.`)}\n`);
        stop(exitCodes.done.code);
      });
    }
  });
}
