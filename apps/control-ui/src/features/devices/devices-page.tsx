import { hasScope } from "@openclaw-gateway/protocol/wire";
import { type ReactNode, useEffect } from "react";
import { NotAllowed, PageFrame } from "../../app/page-frame.tsx";
import { useAppState, useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { obstacleText, type ThisDevice } from "../connect/this-device.ts";
import { DeviceCard, NodeCard } from "./device-card.tsx";
import { PairCode } from "./pair-code.tsx";
import { DeviceRequestCard, NodeRequestCard } from "./requests.tsx";

/** Who is let in, who waits for it, and how to let others in. */
export function DevicesPage({ onMenu }: { onMenu: () => void }) {
  const { devices } = useController();
  const load = useAppState((state) => state.devices.load);
  // Who was seen when is kept up to date only while somebody looks.
  useEffect(() => devices?.reload(), [devices]);
  return (
    <PageFrame title="Devices" onMenu={onMenu}>
      {load === "forbidden" ? (
        <NotAllowed scope="operator.pairing">
          Sign in with the gateway's token or password to manage devices.
        </NotAllowed>
      ) : load === "waiting" ? (
        <div className="flex justify-center py-16">
          <Spinner className="size-6" label="Loading the devices" />
        </div>
      ) : (
        <Lists />
      )}
    </PageFrame>
  );
}

function Lists() {
  const { devices } = useController();
  const { load, pending, paired, pendingNodes, nodes, problem } = useAppState((state) => state.devices);
  const thisDevice = useAppState((state) => state.thisDevice);
  const link = useAppState((state) => state.link);
  const scopes = link.at === "online" || link.at === "reconnecting" ? (link.hello.auth?.scopes ?? []) : [];
  const thisId = thisDevice !== undefined && "id" in thisDevice ? thisDevice.id : undefined;
  const sorted = paired.toSorted(
    (a, b) => Number(b.deviceId === thisId) - Number(a.deviceId === thisId) || b.approvedAtMs - a.approvedAtMs,
  );
  const shown = problem ?? (typeof load === "object" ? load.error : undefined);
  return (
    <div className="space-y-8">
      {shown !== undefined && (
        <div className="rounded-lg bg-danger-soft p-3 text-sm" role="alert">
          <p>{shown}</p>
          {typeof load === "object" && (
            <Button className="mt-2" icon="retry" onClick={devices?.reload}>
              Retry
            </Button>
          )}
        </div>
      )}
      {pending.length + pendingNodes.length > 0 && (
        <Section title="Waiting for approval">
          {pending.map((request) => (
            <DeviceRequestCard key={request.requestId} request={request} />
          ))}
          {pendingNodes.map((request) => (
            <NodeRequestCard key={request.requestId} request={request} />
          ))}
        </Section>
      )}
      <Section
        note={<Unpaired device={thisDevice} isPaired={paired.some(({ deviceId }) => deviceId === thisId)} />}
        title="Paired devices"
      >
        {sorted.map((device) => (
          <DeviceCard device={device} isThis={device.deviceId === thisId} key={device.deviceId} />
        ))}
        {sorted.length === 0 && <li className="text-sm text-muted">No device is paired.</li>}
      </Section>
      {nodes.length > 0 && (
        <Section title="Nodes">
          {nodes.map((node) => (
            <NodeCard key={node.nodeId} node={node} />
          ))}
        </Section>
      )}
      {hasScope(scopes, "operator.admin") && <PairCode />}
    </div>
  );
}

function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-sm font-semibold text-muted">{title}</h2>
      {note}
      <ul className="space-y-3">{children}</ul>
    </section>
  );
}

/** Why this browser is not in the list. */
function Unpaired({ device, isPaired }: { device: ThisDevice; isPaired: boolean }) {
  if (isPaired || device === undefined) return null;
  return (
    <p className="mb-3 rounded-lg border border-line p-3 text-sm text-muted">
      {"obstacle" in device
        ? obstacleText[device.obstacle]
        : "This browser is not paired: you signed in with the gateway's secret, over a line the gateway cannot know to be safe, or the gateway asks nobody for one."}
    </p>
  );
}
