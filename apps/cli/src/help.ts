import { exitCodes } from "./exit-codes.ts";

/** Lines of example for the end of a help text: what to type and what it does. */
export function examples(lines: readonly (readonly [command: string, effect: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, effect]) => `  ${command.padEnd(width)}  ${effect}`).join("\n")}\n`;
}

export const programHelp = `${examples([
  ["openclaw gateway run", "start the gateway; the first start prints the address to open"],
  ["openclaw chat", "talk in the terminal"],
  ['openclaw agent --message "Hello"', "one turn, one answer"],
  ["openclaw sessions list --json", "the same answers for programs"],
])}
Every command takes the options above, before or after its name. Flags win over environment variables, those over
openclaw.json. More: openclaw help environment, openclaw help exit-codes.
`;

const environmentHelp = `Environment variables. Flags win over them, they win over openclaw.json.

  OPENCLAW_GATEWAY_URL       address of the gateway to talk to (--url)
  OPENCLAW_GATEWAY_TOKEN     token, of the gateway and for talking to it (--token); OPENCLAW_AUTH_TOKEN for talking only
  OPENCLAW_GATEWAY_PASSWORD  password, likewise (--password)
  OPENCLAW_GATEWAY_PORT      port of the gateway on this machine (--port)
  OPENCLAW_GATEWAY_BIND      where the gateway listens: loopback, lan, tailnet, auto or an address (--bind)
  OPENCLAW_STATE_DIR         folder for everything that is kept, default ~/.openclaw (--state-dir)
  OPENCLAW_CONFIG_PATH       configuration file, default openclaw.json in that folder (--config)
  OPENCLAW_LOG_LEVEL         silent, fatal, error, warn, info, debug or trace (--log-level)
  DEBUG=openclaw             show every message to and from the gateway on stderr, secrets taken out
  NO_COLOR                   no colours
`;

/** Pages of `openclaw help <topic>` that belong to no command. */
export const topics: Readonly<Record<string, () => string>> = {
  "exit-codes": () =>
    `Exit codes:\n\n${Object.values(exitCodes)
      .map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}\n`)
      .join("")}`,
  environment: () => environmentHelp,
};
