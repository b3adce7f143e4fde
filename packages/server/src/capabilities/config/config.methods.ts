import { methodGroups, type Result } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";

/** `view` is the redacted file as it was last read; it is the same object until the file is read again. */
export function createConfig({ view }: { view: () => Result<"config.get"> }) {
  return implement(methodGroups.config, { "config.get": () => view() });
}
