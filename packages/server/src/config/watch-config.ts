import { type FSWatcher, unwatchFile, watch, watchFile } from "node:fs";
import { basename, dirname } from "node:path";
import type { Cancel, Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { defaultDebounceMs, type ReloadMode } from "./reload/reload-modes.ts";

/** How often the file is looked at where the system tells nothing: behind links, on shares, in containers. */
const pollMs = 2_000;

type Wishes = { mode?: ReloadMode | undefined; debounceMs?: number | undefined; debounce?: number | undefined };

/**
 * Tells when the configuration file may have changed, once it has been left alone for a moment. It says nothing about
 * content: who looks compares. The folder is watched, not the file, because editors put a new file in its place.
 */
export function createConfigWatcher(deps: { path: string; look: () => Promise<void>; clock: Clock; log: Log }) {
  const { path, clock, log } = deps;
  let watching: { stop: () => void } | undefined;
  let debounceMs = defaultDebounceMs;
  let cancelLook: Cancel | undefined;

  function touched(): void {
    cancelLook?.();
    cancelLook = clock.at(clock.now() + debounceMs, () => void deps.look());
  }

  function start(): { stop: () => void } {
    const name = basename(path);
    let folder: FSWatcher | undefined;
    try {
      folder = watch(dirname(path), { persistent: false }, (_, file) => {
        if (file === null || file === name) touched();
      });
      folder.on("error", (error) =>
        log.debug({ err: error }, "the folder of the configuration is not watched any more"),
      );
    } catch (error) {
      log.debug({ err: error }, "the folder of the configuration cannot be watched; its file is looked at instead");
    }
    watchFile(path, { persistent: false, interval: pollMs }, touched);
    // What has changed since the start.
    touched();
    return {
      stop: () => {
        folder?.close();
        unwatchFile(path, touched);
        cancelLook?.();
      },
    };
  }

  return {
    /** Watches as `gateway.reload` says. */
    follow: (wishes: Wishes = {}): void => {
      debounceMs = wishes.debounceMs ?? wishes.debounce ?? defaultDebounceMs;
      if (wishes.mode === "off") {
        watching?.stop();
        watching = undefined;
      } else watching ??= start();
    },
    close: (): void => {
      watching?.stop();
      watching = undefined;
    },
  };
}
