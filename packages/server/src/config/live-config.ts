import type { Result } from "@openclaw-gateway/protocol";
import { createConfigView } from "./config-view.ts";
import type { LoadedConfig } from "./load.ts";
import type { GatewayConfig } from "./schema.ts";
import type { UpdateConfig } from "./write.ts";

export type LiveConfig = {
  /** What holds now. */
  current(): GatewayConfig;
  /** The same object until the file changes. */
  view(): Result<"config.get">;
  /** Writes, then makes the gateway follow; resolves when both are done. */
  update: UpdateConfig;
  /** The file as it is after something else has written it. */
  show(loaded: LoadedConfig): void;
};

/** The configuration of a running gateway: what is shown of it, and changes that take effect at once. */
export function createLiveConfig(
  loaded: LoadedConfig,
  write: UpdateConfig,
  apply: (config: GatewayConfig) => void,
): LiveConfig {
  let hash = loaded.hash;
  let view = createConfigView(loaded);
  let current = loaded.config;
  const show = (next: LoadedConfig): void => {
    hash = next.hash;
    view = createConfigView(next);
    current = next.config;
  };
  return {
    current: () => current,
    view: () => view,
    show,
    update: async (change, options) => {
      const next = await write(change, options);
      if (next.hash === hash) return next;
      show(next);
      apply(next.config);
      return next;
    },
  };
}
