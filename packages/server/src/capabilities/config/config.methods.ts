import { GatewayError, methodGroups, type Result } from "@openclaw-gateway/protocol";
import { mergePatch } from "../../config/merge-patch.ts";
import { readRaw } from "../../config/read-raw.ts";
import { restoreRedacted } from "../../config/restore-redacted.ts";
import type { ConfigContent, UpdateConfig } from "../../config/write.ts";
import { implement, type RequestContext } from "../../rpc/handler.ts";

/** `view` is the redacted file as it was last read; it is the same object until the file is read again. */
export function createConfig(deps: { view: () => Result<"config.get">; updateConfig: UpdateConfig }) {
  const { view, updateConfig } = deps;

  async function write(
    params: { baseHash?: string | undefined; allowShrink?: boolean | undefined },
    by: RequestContext,
    change: (content: ConfigContent) => ConfigContent,
  ): Promise<Result<"config.set">> {
    const { baseHash, allowShrink } = params;
    if (baseHash === undefined && view().exists)
      throw new GatewayError("INVALID_REQUEST", "config base hash required; re-run config.get and retry");
    const { path, hash, changed, needRestart, restarts } = await updateConfig(
      (content) => restoreRedacted(change(content), content),
      { by, ...(baseHash !== undefined && { baseHash }), ...(allowShrink !== undefined && { allowShrink }) },
    );
    return {
      ok: true,
      path,
      ...(hash !== undefined && { hash }),
      config: view().config,
      changedPaths: [...changed],
      restartRequired: [...needRestart],
      restarts,
    };
  }

  const replace = async (
    params: { raw: string; baseHash?: string | undefined; allowShrink?: boolean | undefined },
    ctx: RequestContext,
  ): Promise<Result<"config.set">> =>
    write(params, ctx, () => {
      const content = readRaw(params.raw);
      if (isContent(content)) return content;
      const message = `Invalid input: expected object, received ${Array.isArray(content) ? "array" : typeof content}`;
      throw new GatewayError("INVALID_REQUEST", "invalid config", { details: { issues: [{ path: "", message }] } });
    });

  return implement(methodGroups.config, {
    "config.get": () => view(),
    "config.set": replace,
    "config.apply": replace,
    "config.patch": (params, ctx) =>
      write(params, ctx, (content) => {
        const patch = readRaw(params.raw);
        if (!isContent(patch)) throw new GatewayError("INVALID_REQUEST", "config.patch raw must be an object");
        return mergePatch(content, patch);
      }),
  });
}

const isContent = (value: unknown): value is ConfigContent =>
  typeof value === "object" && value !== null && !Array.isArray(value);
