import { coversScopes, type Role, scopes as allScopes } from "@openclaw-gateway/protocol";

/** Recorded: an operator that names no scopes asks for admin. Any other role has none. */
export function requestedScopes(role: Role, asked: readonly string[] | undefined): readonly string[] {
  if (role !== "operator") return [];
  return asked && asked.length > 0 ? asked : ["operator.admin"];
}

/** What a caller may use now: never more than it was granted, however it was let in. */
export const effectiveScopes = (requested: readonly string[], granted: readonly string[]): readonly string[] =>
  requested.filter((scope) => coversScopes(granted, [scope]));

/** What knowing the shared secret grants. */
export const everyScope: readonly string[] = allScopes;
