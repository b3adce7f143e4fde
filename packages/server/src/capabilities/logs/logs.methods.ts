import { methodGroups, type Params, type Result } from "@openclaw-gateway/protocol";
import { implement } from "../../rpc/handler.ts";

export function createLogs({
  tail,
}: {
  tail: (page: NonNullable<Params<"logs.tail">>) => Promise<Result<"logs.tail">>;
}) {
  return implement(methodGroups.logs, { "logs.tail": (page) => tail(page) });
}
