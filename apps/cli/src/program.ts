import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { gatewayVersion } from "@openclaw-gateway/server/installation";
import type { CommandContext } from "./context.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { examples, programHelp, topics } from "./help.ts";
import { reportError } from "./report-error.ts";

/** The code of a command, loaded when it is called: nobody pays for the others. */
type Load<O> = () => Promise<(context: CommandContext, options: O, args: readonly string[]) => Promise<number | void>>;
type Runs = <O extends object>(load: Load<O>) => (this: Command) => Promise<void>;

/** Runs one command line and resolves with its exit code. */
export async function runProgram(argv: readonly string[], given: CommandContext): Promise<number> {
  let hasPrinted = false;
  const context: CommandContext = {
    ...given,
    out: (text) => {
      hasPrinted = true;
      given.out(text);
    },
  };
  let code: number = exitCodes.done.code;
  let wantsJson = false;
  const runs: Runs = (load) =>
    async function action() {
      const options = this.optsWithGlobals();
      wantsJson = options["json"] === true;
      if (options["url"] === true && this.name() !== "token") throw new CommandError("usage", "--url needs an address");
      const run = await load();
      // The options are those declared beside the command.
      code = (await run(context, options as Parameters<typeof run>[1], this.args)) ?? code;
    };
  const program = buildProgram(context, runs);
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    // Help and version have been printed, and a wrong command line has been explained.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done.code : exitCodes.usage.code;
    return reportError(error, context, { wantsDocument: wantsJson && !hasPrinted });
  }
}

function buildProgram(context: CommandContext, runs: Runs): Command {
  const { style, errStyle } = context;
  const program = new Command("openclaw")
    .description("A gateway for AI agents, and the command that runs it and talks to it.")
    .version(gatewayVersion, "-V, --version", "print the version")
    .helpOption("-h, --help", "explain a command")
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError("(--help explains the command)")
    .configureHelp({ showGlobalOptions: true, styleTitle: style.bold })
    .configureOutput({
      writeOut: context.out,
      writeErr: context.err,
      getOutHelpWidth: () => context.width ?? 100,
      getErrHelpWidth: () => context.width ?? 100,
      getOutHasColors: () => style.bold("x") !== "x",
      getErrHasColors: () => errStyle.bold("x") !== "x",
      outputError: (text, write) => write(text.replace(/^error:/, errStyle.red("error:"))),
    })
    // Without a value it is `gateway token --url`.
    .option("--url [address]", "gateway to talk to, as ws://host:port or the page's address")
    .option("--token <token>", "token of the gateway")
    .option("--password <password>", "password of the gateway")
    .option("--tls-fingerprint <sha256>", "certificate the gateway must show (wss:// only)")
    .option("--timeout <time>", "how long to wait: 500ms, 30s, 2m (a bare number is ms, for agent s)")
    .option("--state-dir <folder>", "folder of the installation")
    .option("--config <file>", "configuration file")
    .option("--json", "print one JSON document and nothing else")
    .addHelpText("after", programHelp);

  addGateway(program, runs);
  addTurns(program, runs);
  addReads(program, runs);
  addAudit(program, runs);
  addDevices(program, runs);
  addApprovals(program, runs);
  program
    .command("help [topic...]")
    .description("explain a command, or: exit-codes, environment")
    .action((topic: string[]) => context.out(helpOn(program, topic)));
  return program;
}

function addGateway(program: Command, runs: Runs): void {
  const gateway = program
    .command("gateway")
    .description("run the gateway, or ask a running one")
    .addHelpText(
      "after",
      examples([
        ["openclaw gateway", "the same as: openclaw gateway run"],
        ["openclaw gateway run --port 19001", "another port"],
        ["openclaw gateway status", "is it up, which parts are ready"],
        ["openclaw gateway token --url", "the address of the dashboard, with the token"],
      ]),
    );
  gateway
    .command("run [rest...]", { isDefault: true })
    .usage("[options]")
    .description("run the gateway in this terminal until Ctrl+C")
    .option("--port <port>", "port to listen on, 0 for any free one", toPort)
    .option("--bind <where>", "loopback, lan, tailnet, auto, or an address")
    .addOption(new Option("--auth <mode>", "what clients must show").choices(["token", "password", "none"]))
    .option("-v, --verbose", "show the log in this terminal")
    .addOption(
      new Option("--log-level <level>", "how much the log holds").choices([
        "silent",
        "fatal",
        "error",
        "warn",
        "info",
        "debug",
        "trace",
      ]),
    )
    .addHelpText(
      "after",
      examples([
        ["openclaw gateway run", "loopback only, port 18789"],
        ["openclaw gateway run --bind lan --verbose", "for the whole network, with the log"],
        ["OPENCLAW_GATEWAY_PASSWORD=… openclaw gateway run --auth password", "a password in place of the token"],
      ]),
    )
    .action(runs(async () => (await import("./commands/gateway/run.ts")).runGateway));
  gateway
    .command("status")
    .description("whether a gateway answers, its parts and who is connected")
    .action(runs(async () => (await import("./commands/gateway/status.ts")).showStatus));
  gateway
    .command("token")
    .usage("[--url] [options]")
    .description("print the token; with --url the address of the dashboard with the token in it")
    .action(runs(async () => (await import("./commands/gateway/token.ts")).showToken));
  gateway
    .command("call <method>")
    .description("call any method by its wire name and print the answer")
    .option("--params <json>", "parameters as a JSON object")
    .addHelpText(
      "after",
      examples([
        ["openclaw gateway call health", "a method without parameters"],
        [`openclaw gateway call sessions.list --params '{"limit":3}'`, "with parameters"],
      ]),
    )
    .action(runs(async () => (await import("./commands/gateway/call.ts")).callMethod));
  gateway
    .command("health")
    .description("the gateway's own view of its health")
    .action(runs(async () => (await import("./commands/gateway/health.ts")).showHealth));
}

function addTurns(program: Command, runs: Runs): void {
  program
    .command("agent")
    .description("run one turn of an agent and print the answer")
    .requiredOption("-m, --message <text>", "what to say; - reads it from standard input")
    .option("--agent <id>", "which agent; its main session is used")
    .option("--session <key>", "session to use")
    .option("--thinking <level>", "how much the model thinks")
    .addHelpText(
      "after",
      examples([
        ['openclaw agent --message "Summarise NOTES.md"', "in the main session"],
        ["git diff | openclaw agent --session agent:main:review -m -", "the message from a pipe"],
        ['openclaw agent -m "Hello" --timeout 30 --json', "at most 30 seconds, answer as JSON"],
      ]),
    )
    .action(runs(async () => (await import("./commands/agent.ts")).agent));
  program
    .command("chat")
    .description("talk in the terminal")
    .option("--session <key>", "session to open", "main")
    .option("--agent <id>", "agent to talk to")
    .addHelpText(
      "after",
      examples([
        ["openclaw chat", "the main session"],
        ["openclaw chat --session work", "another one"],
      ]),
    )
    .action(runs(async () => (await import("./commands/chat.ts")).chat));
  program
    .command("send <text...>")
    .description("send a message to a session and print the answer")
    .requiredOption("--session <key>", "session to send to")
    .option("--no-wait", "print the id of the run and leave")
    .addHelpText(
      "after",
      examples([
        ['openclaw send --session agent:main:main "Go on"', "waits for the answer"],
        ['openclaw send --session main --no-wait "Go on"', "does not"],
      ]),
    )
    .action(runs(async () => (await import("./commands/send.ts")).send));
}

function addReads(program: Command, runs: Runs): void {
  const sessions = program.command("sessions").description("conversations and their history");
  sessions
    .command("list")
    .description("sessions, newest first")
    .option("--active [minutes]", "only those used in the last minutes (60)", toCount)
    .addOption(new Option("--kind <kind>", "only one kind").choices(["direct", "group", "global", "unknown"]))
    .option("--agent <id>", "only those of one agent")
    .option("--limit <n>", "at most so many (50)", toCount)
    .addHelpText("after", examples([["openclaw sessions list --active 30", "used in the last half hour"]]))
    .action(runs(async () => (await import("./commands/sessions.ts")).listSessions));
  sessions
    .command("history <key>")
    .description("the newest messages of a session, oldest first")
    .option("--limit <n>", "at most so many", toCount)
    .addHelpText("after", examples([["openclaw sessions history main --limit 20", "the last 20 messages"]]))
    .action(runs(async () => (await import("./commands/sessions.ts")).showHistory));

  program
    .command("models")
    .description("models of the configured providers")
    .command("list", { isDefault: true })
    .description("every model a session may choose")
    .action(runs(async () => (await import("./commands/models.ts")).listModels));
  program
    .command("logs")
    .description("the gateway's log")
    .command("tail", { isDefault: true })
    .description("the end of the log")
    .option("-f, --follow", "and what is written from now on, until Ctrl+C")
    .option("--limit <n>", "lines to begin with (200)", toCount)
    .addHelpText(
      "after",
      examples([
        ["openclaw logs tail -f", "follow the log"],
        ["openclaw logs tail -f --json", "one JSON document a line"],
      ]),
    )
    .action(runs(async () => (await import("./commands/logs.ts")).tailLogs));
}

function addDevices(program: Command, runs: Runs): void {
  const devices = program
    .command("devices")
    .description("devices that wait for approval, and those that are let in")
    .addHelpText(
      "after",
      examples([
        ["openclaw devices", "who waits, who is paired"],
        ["openclaw devices approve 4fa1b2c3", "let one in; the beginning of an id is enough"],
        ["openclaw devices revoke 09cc9247", "end its access and its connections"],
      ]),
    );
  devices
    .command("list", { isDefault: true })
    .description("who waits, who is paired")
    .action(runs(async () => (await import("./commands/devices.ts")).listDevices));
  devices
    .command("approve [request]")
    .description("let a waiting device in")
    .option("--latest", "the one that asked last")
    .action(runs(async () => (await import("./commands/devices.ts")).approveDevice));
  devices
    .command("reject <request>")
    .description("refuse a waiting device")
    .action(runs(async () => (await import("./commands/devices.ts")).rejectDevice));
  devices
    .command("remove <device>")
    .description("forget a paired device and close its connections")
    .action(runs(async () => (await import("./commands/devices.ts")).removeDevice));
  devices
    .command("rename <device> <name...>")
    .description("give a paired device another name")
    .action(runs(async () => (await import("./commands/devices.ts")).renameDevice));
  devices
    .command("rotate [device]")
    .description("make a new token for a device; the old one ends")
    .option("--device <id>", "the device")
    .option("--role <role>", "which of its roles (operator)")
    .option("--scope <scope...>", "only these of its scopes")
    .action(runs(async () => (await import("./commands/devices.ts")).rotateToken));
  devices
    .command("revoke [device]")
    .description("end a role of a device for good")
    .option("--device <id>", "the device")
    .option("--role <role>", "which of its roles (operator)")
    .action(runs(async () => (await import("./commands/devices.ts")).revokeToken));
  devices
    .command("setup-code")
    .description("a code that pairs one device, once, within ten minutes")
    .option("--public-url <address>", "where the device reaches this gateway")
    .option("--node", "for a machine that only offers commands")
    .action(runs(async () => (await import("./commands/devices.ts")).makeSetupCode));
}

function addApprovals(program: Command, runs: Runs): void {
  const load = () => import("./commands/approvals.ts");
  const approvals = program
    .command("approvals")
    .alias("exec-approvals")
    .description("which commands agents may run, and those that wait for a decision")
    .addHelpText(
      "after",
      examples([
        ["openclaw approvals list", "what waits"],
        ["openclaw approvals resolve 24e7ca9c allow-once", "decide"],
        ["openclaw approvals allowlist add /usr/bin/rg", "a program that need not ask"],
        ["openclaw approvals set --file policy.json", "the whole policy"],
      ]),
    );
  // The policy is the gateway's: asking it is all there is, and what other releases of this command name.
  const gateway = new Option("--gateway", "ask the gateway (always so)").hideHelp();
  approvals
    .command("get", { isDefault: true })
    .description("the policy: defaults, agents, allow-lists")
    .addOption(gateway)
    .action(runs(async () => (await load()).showPolicy));
  approvals
    .command("set")
    .description("replace the policy")
    .option("--file <path>", "JSON file with the policy")
    .option("--stdin", "read it from standard input")
    .addOption(gateway)
    .action(runs(async () => (await load()).setPolicy));
  approvals
    .command("list")
    .description("commands that wait for a decision")
    .action(runs(async () => (await load()).listApprovals));
  approvals
    .command("resolve")
    .description("decide about one")
    .argument("<id>", "its id, or the beginning of it")
    .addArgument(new Argument("<decision>", "the answer").choices(["allow-once", "allow-always", "deny"]))
    .action(runs(async () => (await load()).resolveApproval));
  const allowlist = approvals.command("allowlist").description("programs that need not ask");
  const agent = new Option("--agent <id>", "agent it is for; every agent when absent");
  allowlist
    .command("add <path>")
    .description("let a program run without asking; * and ** stand for names and folders")
    .addOption(agent)
    .addOption(gateway)
    .action(runs(async () => (await load()).addToAllowlist));
  allowlist
    .command("remove <path>")
    .description("take a path, or an entry by its id, off the list")
    .addOption(agent)
    .addOption(gateway)
    .action(runs(async () => (await load()).removeFromAllowlist));
}

function addAudit(program: Command, runs: Runs): void {
  program
    .command("audit")
    .description("who connected, was refused, paired, changed or approved something")
    .option("--kind <kind>", "connection, access, device, node, config, approval, agent, session or gateway")
    .option("--status <status>", "started, succeeded or blocked")
    .option("--action <action>", "one action, such as agent.created")
    .option("--actor <id>", "only what one device or client did")
    .option("--subject <id>", "only what was done to one agent, session, device or method")
    .option("--after <time>", "not before: an ISO time, milliseconds, or an age such as 2h or 7d")
    .addOption(new Option("--since <time>", "the same as --after").hideHelp())
    .option("--before <time>", "not after")
    .option("--limit <n>", "at most so many, up to 500 (100)", toCount)
    .option("--cursor <n>", "go on where a page ended", toCount)
    .addHelpText(
      "after",
      examples([
        ["openclaw audit --since 24h", "the last day"],
        ["openclaw audit --status blocked", "who was refused, and why"],
        ["openclaw audit --kind config --json", "changes of the configuration, for programs"],
      ]),
    )
    .action(runs(async () => (await import("./commands/audit.ts")).showAudit));
}

function helpOn(program: Command, path: readonly string[]): string {
  const [first = ""] = path;
  if (path.length === 1 && Object.hasOwn(topics, first)) return topics[first]?.() ?? "";
  let command = program;
  for (const name of path) {
    const next = command.commands.find((candidate) => candidate.name() === name);
    if (next === undefined) {
      const fix = `there are ${[...command.commands.map((known) => known.name()), ...Object.keys(topics)].join(", ")}`;
      throw new CommandError("usage", `no help on ${path.join(" ")}`, { fix });
    }
    command = next;
  }
  // `outputHelp` prints what `helpInformation` leaves out, the examples.
  command.outputHelp();
  return "";
}

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("It must be a whole number above 0.");
}

function toPort(text: string): number {
  const port = Number(text);
  if (text !== "" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a port from 0 to 65535.");
}
