import type { DeviceTokenInfo, PairedDevice, PairedNode } from "@openclaw-gateway/protocol";
import { useState } from "react";
import { useController } from "../../app/use-app.ts";
import { Ago } from "../../ui/ago.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmButton } from "../../ui/confirm-button.tsx";
import { CopyLine } from "../../ui/copy-line.tsx";
import { shortScope } from "./devices.ts";
import { Badge, NameForm, NameLine, useRenaming } from "./name-line.tsx";

/** A paired device: what it is, what it may do in which role, and what can be done about it. */
export function DeviceCard({ device, isThis }: { device: PairedDevice; isThis: boolean }) {
  const { devices, link } = useController();
  const { isRenaming, opener, begin, end } = useRenaming();
  const [given, setGiven] = useState<{ role: string; token: string }>();
  const { deviceId } = device;
  const name = device.displayName ?? device.clientId ?? deviceId.slice(0, 8);
  const seen = device.connected === true ? "seen now" : device.lastSeenAtMs === undefined ? "never seen" : "seen ";

  async function rotate(role: string): Promise<void> {
    const rotated = await devices?.rotate(deviceId, role);
    if (!rotated) return;
    // This browser takes its own new token at once; what belongs to another machine is shown to be carried there.
    if (isThis && role === "operator") link.takeToken(rotated.token, rotated.scopes);
    else setGiven({ role, token: rotated.token });
  }

  return (
    <li className="rounded-2xl border border-line bg-surface p-4 text-sm" data-device={deviceId}>
      {isRenaming ? (
        <NameForm
          maxChars={64}
          name={name}
          onClose={end}
          onRename={async (label) => (await devices?.rename(deviceId, label)) ?? false}
        />
      ) : (
        <NameLine name={name}>
          {isThis && <Badge look="accent">this browser</Badge>}
          {device.connected === true && <Badge look="ok">connected</Badge>}
        </NameLine>
      )}
      <p className="mt-0.5 break-words text-muted">
        {[device.platform, device.clientId, device.remoteIp, seen].filter(Boolean).join(" · ")}
        {device.connected !== true && device.lastSeenAtMs !== undefined && <Ago atMs={device.lastSeenAtMs} />}
      </p>
      <p className="mt-0.5 text-muted">
        Paired <Ago atMs={device.approvedAtMs} />
        {device.agentIds && device.agentIds.length > 0 && ` · runs ${device.agentIds.join(", ")}`} · id{" "}
        <code title={deviceId}>{deviceId.slice(0, 8)}</code>
      </p>
      <ul className="mt-3 space-y-2">
        {device.tokens.map((token) => (
          <RoleLine
            device={name}
            isThis={isThis}
            key={token.role}
            token={token}
            onRevoke={() => devices?.revoke(deviceId, token.role)}
            onRotate={() => void rotate(token.role)}
          />
        ))}
      </ul>
      {given && (
        <div className="mt-3 rounded-lg bg-warn-soft p-3" role="status">
          <p className="mb-2">The new token of the role {given.role}. It is shown this once; the old one has ended.</p>
          <CopyLine label="Copy the token" text={given.token} />
          <Button className="mt-2" onClick={() => setGiven(undefined)}>
            Done
          </Button>
        </div>
      )}
      <div className="mt-3 flex flex-wrap gap-2 border-t border-line pt-3">
        {!isRenaming && (
          <Button aria-label={`Rename ${name}`} ref={opener} onClick={begin}>
            Rename
          </Button>
        )}
        <ConfirmButton
          label="Remove"
          question={
            isThis
              ? "Remove this browser? You will be signed out."
              : `Remove ${name}? Its connections end, and it has to be paired again.`
          }
          onConfirm={() => devices?.remove(deviceId)}
        />
      </div>
    </li>
  );
}

type RoleLineProps = {
  device: string;
  token: DeviceTokenInfo;
  isThis: boolean;
  onRotate: () => void;
  onRevoke: () => void;
};

function RoleLine({ device, token, isThis, onRotate, onRevoke }: RoleLineProps) {
  const isRevoked = token.revokedAtMs !== undefined;
  return (
    <li className="rounded-lg bg-code p-3">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium">{token.role}</span>
        {isRevoked && <Badge look="warn">revoked</Badge>}
        <span className="min-w-0 break-words text-muted">
          {token.scopes.length === 0 ? "no scopes" : token.scopes.map(shortScope).join(", ")}
        </span>
      </p>
      {!isRevoked && (
        <div className="mt-2 flex flex-wrap gap-2">
          <ConfirmButton
            label="New token"
            question={
              isThis
                ? "Replace the token of this browser?"
                : `Replace the token of ${device}? It stays out until it is given the new one.`
            }
            onConfirm={onRotate}
          />
          <ConfirmButton
            label="Revoke"
            question={
              isThis
                ? "Revoke this role? You will be signed out, and somebody has to approve this browser again."
                : `Revoke the role ${token.role} of ${device}? Only a new approval brings it back.`
            }
            onConfirm={onRevoke}
          />
        </div>
      )}
    </li>
  );
}

/** A machine that offers commands. */
export function NodeCard({ node }: { node: PairedNode }) {
  const { devices } = useController();
  const { isRenaming, opener, begin, end } = useRenaming();
  const { nodeId, commands = [] } = node;
  const name = node.displayName ?? nodeId.slice(0, 8);
  return (
    <li className="rounded-2xl border border-line bg-surface p-4 text-sm" data-node={nodeId}>
      {isRenaming ? (
        <NameForm
          maxChars={64}
          name={name}
          onClose={end}
          onRename={async (displayName) => (await devices?.renameNode(nodeId, displayName)) ?? false}
        />
      ) : (
        <NameLine name={name} />
      )}
      <p className="mt-0.5 break-words text-muted">
        {[node.platform, node.version, node.remoteIp, "approved "].filter(Boolean).join(" · ")}
        <Ago atMs={node.approvedAtMs} />
      </p>
      <p className="mt-2 rounded-lg bg-code p-3 break-words">
        {commands.length === 0 ? "offers no commands" : commands.join(", ")}
      </p>
      <div className="mt-3 flex flex-wrap gap-2 border-t border-line pt-3">
        {!isRenaming && (
          <Button aria-label={`Rename ${name}`} ref={opener} onClick={begin}>
            Rename
          </Button>
        )}
        <ConfirmButton
          label="Remove"
          question={`Remove ${name}? Agents can no longer use its commands.`}
          onConfirm={() => devices?.removeNode(nodeId)}
        />
      </div>
    </li>
  );
}
