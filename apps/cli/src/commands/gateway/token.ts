import { resolveEndpoint } from "../../connection/endpoint.ts";
import { readInstallation, withFlags } from "../../connection/installation.ts";
import type { CommandContext, GlobalOptions } from "../../context.ts";
import { CommandError } from "../../exit-codes.ts";
import { printJson } from "../../output/json.ts";

/** `--url` alone asks for the whole address; with a value it stands for the gateway's address, as everywhere. */
export type TokenOptions = Omit<GlobalOptions, "url"> & { url?: string | true };

/** The token of the configured gateway, or the address of the dashboard with the token in it. Asks no gateway. */
export async function showToken(context: CommandContext, { url: given, ...options }: TokenOptions): Promise<void> {
  const environment = withFlags(context.environment, options);
  const installation = await readInstallation(environment);
  if (installation.problem !== undefined) throw new CommandError("configuration", installation.problem);
  const endpoint = resolveEndpoint(
    { ...options, ...(typeof given === "string" ? { url: given } : {}) },
    environment,
    installation,
  );
  const { mode } = installation.file.auth;
  if (endpoint.isOwn && mode === "none") {
    throw new CommandError("failed", "this gateway wants no token", { fix: `open ${toPage(endpoint.url)}` });
  }
  const { token } = endpoint;
  if (token === undefined) {
    const usesPassword = mode === "password" || endpoint.password !== undefined;
    throw usesPassword
      ? new CommandError("failed", "this gateway uses a password, not a token", {
          fix: `open ${toPage(endpoint.url)} and enter the password`,
        })
      : new CommandError("failed", `no token is known in ${installation.paths.stateDir}`, {
          fix: `the first start makes one: ${context.invocation} gateway run`,
        });
  }
  const link = dashboardLink(endpoint.url, token);
  if (options.json) return printJson(context, { token, url: link, source: endpoint.credentialSource });
  context.out(`${given === undefined ? token : link}\n`);
}

/** The page of a gateway, with the token where servers and logs never see it. */
export function dashboardLink(url: string, token: string): string {
  return `${toPage(url)}#token=${encodeURIComponent(token)}`;
}

function toPage(url: string): string {
  const page = new URL(url.replace(/^ws/, "http"));
  page.search = "";
  if (page.pathname === "/ws") page.pathname = "/";
  return page.href;
}
