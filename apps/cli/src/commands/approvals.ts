import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import type { PendingApproval, Result } from "@openclaw-gateway/protocol";
import { showArgv, showCommand } from "@openclaw-gateway/protocol/wire";
import { withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { CommandError } from "../exit-codes.ts";
import { printJson } from "../output/json.ts";
import { formatTable } from "../output/table.ts";

type Snapshot = Result<"exec.approvals.get">;
type AgentOption = GlobalOptions & { agent?: string };
/** Who an allow-list entry is for when nobody is named: every agent. */
const everyAgent = "*";

/** The policy of commands: defaults, agents, allow-lists. */
export async function showPolicy(context: CommandContext, options: GlobalOptions): Promise<void> {
  const snapshot = await withGateway(context, options, (client) => client.request("exec.approvals.get"));
  if (options.json) return printJson(context, snapshot);
  printPolicy(context, snapshot);
}

/** Replaces the whole policy by a file or standard input. */
export async function setPolicy(
  context: CommandContext,
  { file, stdin, ...options }: GlobalOptions & { file?: string; stdin?: boolean },
): Promise<void> {
  if ((file === undefined) === (stdin !== true))
    throw new CommandError("usage", "approvals set needs --file or --stdin");
  const raw = file === undefined ? await readAll(process.stdin) : await readPolicy(file);
  const policy = parsePolicy(raw);
  const snapshot = await withGateway(context, options, async (client) => {
    const { hash } = await client.request("exec.approvals.get");
    return client.request("exec.approvals.set", { file: policy, baseHash: hash });
  });
  if (options.json) return printJson(context, snapshot);
  printPolicy(context, snapshot);
}

/** Lets a program run without asking. */
export async function addToAllowlist(
  context: CommandContext,
  { agent = everyAgent, ...options }: AgentOption,
  [pattern = ""]: readonly string[],
): Promise<void> {
  await changeAllowlist(context, options, agent, (entries) => {
    if (!/^[~/]/.test(pattern))
      throw new CommandError("usage", `not a path: ${pattern}`, { fix: "write the whole path, as /usr/bin/rg" });
    return entries.some((entry) => entry.pattern === pattern && !entry.argv) ? entries : [...entries, { pattern }];
  });
}

/** Takes entries off the allow-list, by path or id. */
export async function removeFromAllowlist(
  context: CommandContext,
  { agent = everyAgent, ...options }: AgentOption,
  [name = ""]: readonly string[],
): Promise<void> {
  await changeAllowlist(context, options, agent, (entries) => {
    const left = entries.filter(({ id, pattern }) => id !== name && pattern !== name);
    if (left.length === entries.length)
      throw new CommandError("usage", `the allow-list of ${agent} has no ${name}`, {
        fix: "approvals get shows what there is",
      });
    return left;
  });
}

/** Commands that wait for a decision. */
export async function listApprovals(context: CommandContext, options: GlobalOptions): Promise<void> {
  const waiting = await withGateway(context, options, (client) => client.request("exec.approval.list"));
  if (options.json) return printJson(context, waiting);
  if (waiting.length === 0) return context.out("Nothing waits for a decision.\n");
  for (const approval of waiting) context.out(describe(context, approval));
}

/** Decides about one of them; the beginning of its id is enough. */
export async function resolveApproval(
  context: CommandContext,
  options: GlobalOptions,
  [id = "", decision = ""]: readonly string[],
): Promise<void> {
  const approval = await withGateway(context, options, async (client) => {
    const found = await findWaiting(client, id);
    await client.request("exec.approval.resolve", { id: found.id, decision });
    return found;
  });
  if (options.json) return printJson(context, { ok: true, id: approval.id, decision });
  context.out(`${decision}: ${showCommand(approval.request.command)}\n`);
}

async function findWaiting(client: GatewayClient, id: string): Promise<PendingApproval> {
  const waiting = await client.request("exec.approval.list");
  const fitting = waiting.filter((approval) => approval.id === id || (id.length >= 4 && approval.id.startsWith(id)));
  const [found] = fitting;
  if (found && fitting.length === 1) return found;
  const problem = found ? `${id} could be any of ${fitting.length}` : `nothing with the id ${id} waits for a decision`;
  throw new CommandError("usage", problem, { fix: "approvals list shows what waits" });
}

async function changeAllowlist(
  context: CommandContext,
  options: GlobalOptions,
  agent: string,
  change: (entries: AllowlistEntries) => AllowlistEntries,
): Promise<void> {
  const snapshot = await withGateway(context, options, async (client) => {
    const { file, hash } = await client.request("exec.approvals.get");
    const own = file.agents?.[agent] ?? {};
    const agents = { ...file.agents, [agent]: { ...own, allowlist: change(own.allowlist ?? []) } };
    return client.request("exec.approvals.set", { file: { ...file, agents }, baseHash: hash });
  });
  if (options.json) return printJson(context, snapshot);
  printPolicy(context, snapshot);
}
type AllowlistEntries = NonNullable<NonNullable<Snapshot["file"]["agents"]>[string]["allowlist"]>;

/** Everything a person needs to decide, nothing cut off. */
function describe({ style }: CommandContext, { id, request, expiresAtMs }: PendingApproval): string {
  const seconds = Math.max(0, Math.ceil((expiresAtMs - Date.now()) / 1_000));
  const facts = [
    ["agent", request.agentId],
    ["folder", request.cwd],
    ["program", request.resolvedPath],
    ["why", request.warningText],
    ["expires", `in ${seconds} s`],
  ] as const;
  const lines = facts.flatMap(([name, value]) => (value ? [`  ${name.padEnd(8)} ${showCommand(value)}`] : []));
  return `${style.bold(id)}\n  ${"command".padEnd(8)} ${showCommand(request.command)}\n${lines.join("\n")}\n`;
}

function printPolicy({ out, style, width }: CommandContext, { path, exists, file, resolvedDefaults }: Snapshot): void {
  const { security, ask, askFallback } = resolvedDefaults ?? {};
  out(`file      ${path}${exists ? "" : " (not written yet)"}\n`);
  out(`defaults  security ${security}, ask ${ask}, without an answer ${askFallback}\n`);
  const agents = Object.entries(file.agents ?? {});
  for (const [id, agent] of agents) {
    const own = [agent.security && `security ${agent.security}`, agent.ask && `ask ${agent.ask}`].filter(Boolean);
    if (own.length > 0) out(`agent     ${showCommand(id)}: ${own.join(", ")}\n`);
  }
  const rows = agents.flatMap(([agent, { allowlist = [] }]) => allowlist.map((entry) => ({ agent, ...entry })));
  if (rows.length === 0) return;
  const day = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);
  out("\n");
  out(
    formatTable(
      rows,
      [
        { title: "agent", cell: ({ agent }) => showCommand(agent) },
        { title: "used", cell: ({ lastUsedAt }) => day(lastUsedAt) },
        { title: "until", cell: ({ expiresAtMs }) => day(expiresAtMs) },
        { title: "program", cell: ({ pattern }) => showCommand(pattern) },
        { title: "words", cell: ({ argv }) => argv && showArgv(argv) },
      ],
      { width, heading: style.bold },
    ),
  );
}

async function readPolicy(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    throw new CommandError(
      "usage",
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
}

function parsePolicy(raw: string): Snapshot["file"] {
  try {
    // The gateway checks the content.
    return JSON.parse(raw) as Snapshot["file"];
  } catch {
    throw new CommandError("usage", "the policy is not JSON", {
      fix: "approvals get --json shows the form, as `file`",
    });
  }
}
