import type { DeviceRequest, NodeRequest } from "@openclaw-gateway/protocol";
import { useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import type { Decision } from "./devices-sync.ts";
import { wishOf, wishOfNode } from "./devices.ts";

type RequestCardProps = {
  name: string;
  wish: string;
  from: string;
  requestId: string;
  onDecide: (decision: Decision) => void;
};

function RequestCard({ name, wish, from, requestId, onDecide }: RequestCardProps) {
  return (
    <li className="rounded-lg border border-line bg-surface p-3 text-sm">
      <p className="font-medium break-words">{name}</p>
      <p className="break-words text-muted">
        {wish} · from {from} · code <code>{requestId.slice(0, 8)}</code>
      </p>
      <div className="mt-2 flex gap-2">
        <Button look="primary" onClick={() => onDecide("approve")}>
          Approve
        </Button>
        <Button onClick={() => onDecide("reject")}>Reject</Button>
      </div>
    </li>
  );
}

export function DeviceRequestCard({ request }: { request: DeviceRequest }) {
  const { devices } = useController();
  const { requestId } = request;
  return (
    <RequestCard
      from={request.remoteIp ?? request.browserOrigin ?? "this machine"}
      name={request.displayName ?? request.clientId ?? "A device"}
      requestId={requestId}
      wish={wishOf(request)}
      onDecide={(decision) => devices?.decide(requestId, decision)}
    />
  );
}

export function NodeRequestCard({ request }: { request: NodeRequest }) {
  const { devices } = useController();
  const { requestId } = request;
  return (
    <RequestCard
      from={request.remoteIp ?? "this machine"}
      name={request.displayName ?? "A node"}
      requestId={requestId}
      wish={wishOfNode(request)}
      onDecide={(decision) => devices?.decideNode(requestId, decision)}
    />
  );
}
