import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgentRuntime } from "@openclaw-gateway/agent";
import {
  AlreadyRunningError,
  ConfigError,
  createGateway,
  type CreateGatewayOptions,
  formatIssue,
  gatewayVersion,
  type InstalledGateway,
} from "@openclaw-gateway/server";
import { withFlags } from "../../connection/installation.ts";
import type { CommandContext, Environment, GlobalOptions } from "../../context.ts";
import { CommandError } from "../../exit-codes.ts";
import { printJson } from "../../output/json.ts";
import { formatLogLine } from "../../output/log-line.ts";
import { type Ending, untilStopped } from "./until-stopped.ts";
import { welcome } from "./welcome.ts";

export type RunOptions = GlobalOptions & {
  port?: number;
  bind?: string;
  auth?: "token" | "password" | "none";
  verbose?: boolean;
  logLevel?: string;
};

/** Runs the gateway in this process until a signal ends it. */
export async function runGateway(
  context: CommandContext,
  options: RunOptions,
  rest: readonly string[],
): Promise<number> {
  if (rest.length > 0) {
    throw new CommandError("usage", `unknown command: gateway ${rest.join(" ")}`, {
      fix: "openclaw gateway --help lists the commands",
    });
  }
  const environment = withRunFlags(withFlags(context.environment, options), options);
  /** Where the last life could be reached; the next one stays there when its own address cannot be had. */
  let last: Address | undefined;
  for (;;) {
    const { ending, address } = await live(context, environment, options, last);
    if (ending !== "restart") return ending.exitCode;
    last = address;
  }
}

type Address = { host: string; port: number };

/** One gateway from its start to its end. */
async function live(
  context: CommandContext,
  environment: Environment,
  options: RunOptions,
  last: Address | undefined,
): Promise<{ ending: Ending; address: Address }> {
  let { gateway, isDemo } = await prepare(context, environment, options);
  let stopping = untilStopped(gateway, context);
  let address: Awaited<ReturnType<InstalledGateway["start"]>>;
  try {
    address = await gateway.start();
  } catch (error) {
    await gateway.stop().catch(() => undefined);
    stopping.forget();
    if (!last) throw explainPort(error, context.invocation);
    // A gateway that ran must not go down for an address somebody mistyped.
    gateway.log.error({ err: error, ...last }, "the new address cannot be had; the gateway stays where it was");
    ({ gateway, isDemo } = await prepare(context, environment, options, last));
    stopping = untilStopped(gateway, context);
    address = await gateway.start();
  }
  const { url, host, port } = address;
  const sha256 = gateway.tls?.fingerprint;
  gateway.log.info(
    { url, version: gatewayVersion, stateDir: gateway.paths.stateDir, ...(sha256 && { sha256 }) },
    "the gateway is running",
  );
  if (last) context.err(`${context.errStyle.dim(`Running again at ${url}`)}\n`);
  else if (options.json === true)
    printJson(context, {
      url,
      port,
      pid: process.pid,
      stateDir: gateway.paths.stateDir,
      ...(sha256 && { tlsFingerprint: sha256 }),
    });
  else context.out(welcome(gateway, { url, isDemo }, context, options));
  return { ending: await stopping.ended, address: { host, port } };
}

/** Flags of `run` as the environment variables they stand for; the one reader of both is the server's. */
export function withRunFlags(
  environment: Environment,
  { port, bind, auth, logLevel, verbose, token, password }: RunOptions,
): Environment {
  const mode =
    auth ?? (token === undefined && password !== undefined ? "password" : token === undefined ? undefined : "token");
  const level = logLevel ?? (verbose === true ? "debug" : undefined);
  return {
    ...environment,
    ...(port === undefined ? {} : { OPENCLAW_GATEWAY_PORT: String(port) }),
    ...(bind === undefined ? {} : { OPENCLAW_GATEWAY_BIND: bind }),
    ...(token === undefined ? {} : { OPENCLAW_GATEWAY_TOKEN: token }),
    ...(password === undefined ? {} : { OPENCLAW_GATEWAY_PASSWORD: password }),
    ...(mode === undefined ? {} : { OPENCLAW_GATEWAY_AUTH: mode }),
    ...(level === undefined ? {} : { OPENCLAW_LOG_LEVEL: level }),
  };
}

async function prepare(
  context: CommandContext,
  environment: Environment,
  { verbose = false }: RunOptions,
  overrides?: Address,
): Promise<{ gateway: InstalledGateway; isDemo: boolean }> {
  let isDemo = false;
  const options: CreateGatewayOptions = {
    environment,
    ...(overrides && { overrides }),
    runtime: (input) => {
      const runtime = createAgentRuntime(input);
      isDemo = runtime.models().every(({ tags }) => tags?.includes("demo") === true);
      return runtime;
    },
    logEcho: {
      level: verbose ? "trace" : "warn",
      write: (line) => context.err(`${formatLogLine(line.trimEnd(), context.errStyle)}\n`),
    },
    ...findParts(),
  };
  try {
    const gateway = await createGateway(options);
    return { gateway, isDemo };
  } catch (error) {
    if (error instanceof ConfigError) {
      const [first, ...others] = error.issues.map((issue) => formatIssue(error.path, issue));
      const lines = [first ?? error.message, ...others].join("\n");
      throw new CommandError("configuration", `the configuration is invalid\n${lines}\n`, { cause: error });
    }
    if (error instanceof AlreadyRunningError) {
      const { pid } = error.holder;
      const fix = `use it, ${pid === undefined ? "" : `stop it with: kill ${pid}, `}or choose another folder with --state-dir`;
      throw new CommandError("alreadyRunning", error.message, { fix, cause: error });
    }
    throw error;
  }
}

/** The dashboard and the database worker lie beside the built program; from the sources the server finds its worker itself. */
function findParts(): Pick<CreateGatewayOptions, "controlUiDir" | "workerUrl"> {
  const isBuilt = import.meta.url.endsWith(".js");
  const dashboard = new URL(isBuilt ? "./control-ui/" : "../../../../control-ui/dist/", import.meta.url);
  const hasDashboard = existsSync(new URL("index.html", dashboard));
  return {
    ...(hasDashboard ? { controlUiDir: fileURLToPath(dashboard) } : {}),
    ...(isBuilt ? { workerUrl: new URL("./sqlite-worker.js", import.meta.url) } : {}),
  };
}

function explainPort(error: unknown, invocation: string): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const address = "address" in error ? String(error.address) : "the address";
  const port = "port" in error ? String(error.port) : "";
  const failed = (message: string, fix: string): CommandError =>
    new CommandError("portUnavailable", message, { fix, cause: error });
  switch (error.code) {
    case "EADDRINUSE":
      return failed(
        `port ${port} on ${address} is taken by another program`,
        `end that program, or choose another port: ${invocation} gateway run --port ${Number(port) + 1}`,
      );
    case "EACCES":
      return failed(`port ${port} needs more rights than this user has`, "choose a port above 1023 with --port");
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EINVAL":
      return failed(
        `this machine has no address ${address}`,
        "choose where to listen with --bind, or gateway.bind in the configuration",
      );
    default:
      return error;
  }
}
