import { type FSWatcher, unwatchFile, watch, watchFile } from "node:fs";
import type { Cancel, Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { defaultDebounceMs, type ReloadMode } from "./reload/reload-modes.ts";

/** How often the file is looked at where the system tells nothing: behind links, on shares, in containers. */
const pollMs = 2_000;

type Wishes = { mode?: ReloadMode | undefined; debounceMs?: number | undefined; debounce?: number | undefined };

/**
 * Tells when the configuration file may have changed, once it has been left alone for a moment. It says nothing about
 * content: who looks compares. The file is watched and not its folder, where the database writes all day; as editors put
 * a new file in its place, each look watches anew.
 */
export function createConfigWatcher(deps: { path: string; look: () => Promise<void>; clock: Clock; log: Log }) {
  const { path, clock, log } = deps;
  let watching: { stop: () => void } | undefined;
  let debounceMs = defaultDebounceMs;

  function start(): { stop: () => void } {
    let file: FSWatcher | undefined;
    let cancelLook: Cancel | undefined;

    function touched(): void {
      cancelLook?.();
      cancelLook = clock.at(clock.now() + debounceMs, () => {
        // First, so that nothing falls between.
        watchAnew();
        void deps.look();
      });
    }

    function watchAnew(): void {
      file?.close();
      file = undefined;
      try {
        file = watch(path, { persistent: false }, touched);
        file.on("error", (error) => log.debug({ err: error }, "the configuration file is not watched any more"));
      } catch (error) {
        // Gone for now, or where nothing can be watched: it is looked at all the same.
        log.debug({ err: error }, "the configuration file cannot be watched");
      }
    }

    watchAnew();
    watchFile(path, { persistent: false, interval: pollMs }, touched);
    // What has changed since the start.
    touched();
    return {
      stop: () => {
        file?.close();
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
