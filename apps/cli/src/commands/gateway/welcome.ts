import type { InstalledGateway } from "@openclaw-gateway/server";
import type { CommandContext, GlobalOptions } from "../../context.ts";
import { formatFields } from "../../output/table.ts";
import { dashboardLink } from "./token.ts";

/**
 * What a person reads when the gateway is up. Only the first start shows the token: later ones may have their output in
 * the log of a service.
 */
export function welcome(
  { access, loaded, paths, tls }: Pick<InstalledGateway, "access" | "loaded" | "paths" | "tls">,
  { url, isDemo }: { url: string; isDemo: boolean },
  { style, invocation, isTty }: CommandContext,
  options: GlobalOptions,
): string {
  const { auth, origin } = access;
  const isFirst = origin === "created";
  const open = isFirst && auth.mode === "token" ? dashboardLink(url, auth.secret.reveal()) : url;
  const lines = [`${style.green("●")} OpenClaw Gateway is running\n  Open ${style.bold(open)}\n`];
  if (isFirst) {
    lines.push("  The address holds your token: whoever has it has the gateway.\n");
    lines.push(`  To see it again: ${invocation} gateway token --url\n`);
  } else if (options.token !== undefined) lines.push("  Clients need the token given with --token.\n");
  else if (auth.mode === "token") lines.push(`  With the token, to sign in: ${invocation} gateway token --url\n`);
  else if (auth.mode === "password") lines.push("  The page asks for the password.\n");
  else lines.push(`  ${style.yellow("Anybody on this machine may use it: gateway.auth.mode is none.")}\n`);
  if (isDemo) lines.push("  No model provider is configured: a demo answers, and tells how to add one.\n");
  lines.push(
    formatFields({
      "  certificate": tls && `sha256:${tls.fingerprint}`,
      "  state": paths.stateDir,
      "  config": loaded.exists || isFirst ? loaded.path : `${loaded.path} (not there; defaults are used)`,
    }),
  );
  if (isTty) lines.push(style.dim("  Ctrl+C stops it.\n"));
  return lines.join("");
}
