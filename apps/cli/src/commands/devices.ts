import type { GatewayClient } from "@openclaw-gateway/client/core";
import type { Result } from "@openclaw-gateway/protocol";
import { withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { CommandError } from "../exit-codes.ts";
import { printJson } from "../output/json.ts";
import { plainLine } from "../output/plain.ts";
import { formatTable } from "../output/table.ts";
import { formatAge } from "../output/time.ts";

type List = Result<"device.pair.list">;
type Pending = List["pending"][number];
type Paired = List["paired"][number];
export type ApproveOptions = GlobalOptions & { latest?: boolean };
export type TokenOptions = GlobalOptions & { device?: string; role?: string; scope?: string[] };
export type SetupCodeOptions = GlobalOptions & { publicUrl?: string; node?: boolean };

/** As much of an id as a person has to copy. */
const shownChars = 8;
const short = (id: string): string => id.slice(0, shownChars);
const nameOf = (device: Pending | Paired): string =>
  plainLine(device.displayName ?? device.clientId ?? short(device.deviceId));

export async function listDevices(context: CommandContext, options: GlobalOptions): Promise<void> {
  const list = await withGateway(context, options, (client) => client.request("device.pair.list"));
  if (options.json) return printJson(context, list);
  const { pending, paired } = list;
  if (pending.length === 0 && paired.length === 0) {
    return context.out("No device is paired and none waits. Programs with the token need no pairing.\n");
  }
  const now = Date.now();
  const layout = { width: context.width, heading: context.style.bold };
  if (pending.length > 0) {
    const columns = [
      { title: "waiting", cell: (row: Pending) => short(row.requestId) },
      { title: "name", cell: nameOf },
      { title: "role", cell: (row: Pending) => row.role },
      { title: "asks for", cell: (row: Pending) => row.scopes.join(" ") },
      { title: "from", cell: (row: Pending) => row.remoteIp ?? row.browserOrigin ?? "this machine" },
      { title: "since", cell: (row: Pending) => formatAge(row.ts, now) },
    ];
    context.out(formatTable(pending, columns, layout));
    context.out(`Let it in with: ${context.invocation} devices approve ${short(pending[0]!.requestId)}\n`);
  }
  if (paired.length > 0) {
    if (pending.length > 0) context.out("\n");
    const columns = [
      { title: "device", cell: (row: Paired) => short(row.deviceId) },
      { title: "name", cell: nameOf },
      { title: "roles", cell: rolesOf },
      { title: "may", cell: (row: Paired) => (row.scopes ?? []).join(" ") },
      {
        title: "seen",
        cell: (row: Paired) =>
          row.connected === true
            ? "now"
            : row.lastSeenAtMs === undefined
              ? undefined
              : formatAge(row.lastSeenAtMs, now),
      },
    ];
    context.out(formatTable(paired, columns, layout));
  }
}

const rolesOf = ({ tokens, roles }: Paired): string =>
  roles
    .map((role) => {
      const isRevoked = tokens.some((token) => token.role === role && token.revokedAtMs !== undefined);
      return isRevoked ? `${role} (revoked)` : role;
    })
    .join(" ");

export async function approveDevice(
  context: CommandContext,
  options: ApproveOptions,
  [id]: readonly string[],
): Promise<void> {
  if (id === undefined && options.latest !== true) {
    const fix = `name one of: ${context.invocation} devices list; or take the newest with --latest`;
    throw new CommandError("usage", "which request?", { fix });
  }
  const answer = await withGateway(context, options, async (client) => {
    const { pending } = await client.request("device.pair.list");
    const request = id === undefined ? pending[0] : find(pending, id, "requestId");
    if (!request) throw nothingWaits(context);
    return client.request("device.pair.approve", { requestId: request.requestId });
  });
  if (options.json) return printJson(context, answer);
  const { device } = answer;
  context.out(`${nameOf(device)} is paired as ${device.role}: ${(device.scopes ?? []).join(" ") || "no scopes"}\n`);
}

export async function rejectDevice(
  context: CommandContext,
  options: GlobalOptions,
  [id = ""]: readonly string[],
): Promise<void> {
  const answer = await withGateway(context, options, async (client) => {
    const { pending } = await client.request("device.pair.list");
    const request = find(pending, id, "requestId");
    if (!request) throw nothingWaits(context);
    return client.request("device.pair.reject", { requestId: request.requestId });
  });
  if (options.json) return printJson(context, answer);
  context.out(`Refused ${short(answer.deviceId)}.\n`);
}

export async function removeDevice(
  context: CommandContext,
  options: GlobalOptions,
  [id = ""]: readonly string[],
): Promise<void> {
  const answer = await onDevice(context, options, id, (client, { deviceId }) =>
    client.request("device.pair.remove", { deviceId }),
  );
  if (options.json) return printJson(context, answer);
  context.out(`Removed ${short(answer.deviceId)}; its connections are closed.\n`);
}

export async function renameDevice(
  context: CommandContext,
  options: GlobalOptions,
  [id = "", ...words]: readonly string[],
): Promise<void> {
  const answer = await onDevice(context, options, id, (client, { deviceId }) =>
    client.request("device.pair.rename", { deviceId, label: words.join(" ") }),
  );
  if (options.json) return printJson(context, answer);
  context.out(`${short(answer.deviceId)} is called ${plainLine(answer.label)}.\n`);
}

export async function rotateToken(
  context: CommandContext,
  options: TokenOptions,
  [given]: readonly string[],
): Promise<void> {
  const { device, role = "operator", scope } = options;
  const answer = await onDevice(context, options, given ?? device ?? "", (client, { deviceId }) =>
    client.request("device.token.rotate", { deviceId, role, ...(scope && { scopes: scope }) }),
  );
  if (options.json) return printJson(context, answer);
  // The token alone, for a pipe; it is shown this once.
  context.err(
    `The old token of ${short(answer.deviceId)} (${answer.role}) has ended. The new one is shown this once:\n`,
  );
  context.out(`${answer.token ?? ""}\n`);
}

export async function revokeToken(
  context: CommandContext,
  options: TokenOptions,
  [given]: readonly string[],
): Promise<void> {
  const { device, role = "operator" } = options;
  const answer = await onDevice(context, options, given ?? device ?? "", (client, { deviceId }) =>
    client.request("device.token.revoke", { deviceId, role }),
  );
  if (options.json) return printJson(context, answer);
  context.out(`${short(answer.deviceId)} is ${answer.role} no more; only a new approval brings it back.\n`);
}

export async function makeSetupCode(context: CommandContext, options: SetupCodeOptions): Promise<void> {
  const { publicUrl, node = false, json = false } = options;
  const made = await withGateway(context, options, (client) =>
    client.request("device.pair.setupCode", {
      ...(publicUrl !== undefined && { publicUrl }),
      bootstrapProfile: node ? "node" : "limited",
    }),
  );
  if (json) return printJson(context, made);
  context.err(`Pairs one device with ${plainLine(made.gatewayUrl)}, once, within ten minutes:\n`);
  context.out(`${made.setupCode}\n`);
}

async function onDevice<T>(
  context: CommandContext,
  options: GlobalOptions,
  id: string,
  work: (client: GatewayClient, device: Paired) => Promise<T>,
): Promise<T> {
  const fix = `list them with: ${context.invocation} devices list`;
  if (id === "") throw new CommandError("usage", "which device?", { fix });
  return withGateway(context, options, async (client) => {
    const { paired } = await client.request("device.pair.list");
    const device = find(paired, id, "deviceId");
    if (!device) throw new CommandError("failed", `no device begins with ${JSON.stringify(id)}`, { fix });
    return work(client, device);
  });
}

/** By the whole id, or by a beginning that only one has. */
function find<K extends string, Row extends Record<K, string>>(
  rows: readonly Row[],
  id: string,
  key: K,
): Row | undefined {
  const fitting = rows.filter((row) => row[key].startsWith(id));
  if (fitting.length < 2) return fitting[0];
  const exact = fitting.find((row) => row[key] === id);
  if (exact) return exact;
  throw new CommandError("usage", `${JSON.stringify(id)} fits more than one`, { fix: "give more of the id" });
}

const nothingWaits = ({ invocation }: CommandContext): CommandError =>
  new CommandError("failed", "no such request waits", {
    fix: `a request lasts five minutes; let the device connect again, then: ${invocation} devices list`,
  });
