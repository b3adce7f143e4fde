import { useAppState } from "../../app/use-app.ts";
import { DeviceRequestCard, NodeRequestCard } from "./requests.tsx";

/** Devices and nodes that wait for approval, each with its two answers; nothing when none waits. */
export function WaitingDevices() {
  const { pending, pendingNodes, problem } = useAppState((state) => state.devices);
  if (pending.length + pendingNodes.length === 0 && problem === undefined) return null;
  return (
    <section aria-label="Devices waiting for approval" className="space-y-2 border-t border-line px-3 py-3">
      <h2 className="text-sm font-semibold">Waiting for approval</h2>
      {problem !== undefined && (
        <p className="rounded-lg bg-danger-soft p-2 text-sm" role="alert">
          {problem}
        </p>
      )}
      <ul className="max-h-64 space-y-2 overflow-y-auto">
        {pending.map((request) => (
          <DeviceRequestCard key={request.requestId} request={request} />
        ))}
        {pendingNodes.map((request) => (
          <NodeRequestCard key={request.requestId} request={request} />
        ))}
      </ul>
    </section>
  );
}
