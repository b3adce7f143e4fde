import { useAppState, useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { wishOf } from "./waiting-devices.ts";

/** Devices that wait for approval, each with its two answers; nothing when none waits. */
export function WaitingDevices() {
  const controller = useController();
  const { rows, problem } = useAppState((state) => state.waitingDevices);
  if (rows.length === 0 && problem === undefined) return null;
  return (
    <section aria-label="Devices waiting for approval" className="space-y-2 border-t border-line px-3 py-3">
      <h2 className="text-sm font-semibold">Waiting for approval</h2>
      {problem !== undefined && (
        <p className="rounded-lg bg-danger-soft p-2 text-sm" role="alert">
          {problem}
        </p>
      )}
      <ul className="max-h-64 space-y-2 overflow-y-auto">
        {rows.map((request) => (
          <li className="rounded-lg border border-line bg-surface p-3 text-sm" key={request.requestId}>
            <p className="font-medium break-words">{request.displayName ?? request.clientId ?? "A device"}</p>
            <p className="text-muted">
              {wishOf(request)} · from {request.remoteIp ?? request.browserOrigin ?? "this machine"} · code{" "}
              <code>{request.requestId.slice(0, 8)}</code>
            </p>
            <div className="mt-2 flex gap-2">
              <Button look="primary" onClick={() => controller.decideDevice(request.requestId, "approve")}>
                Approve
              </Button>
              <Button onClick={() => controller.decideDevice(request.requestId, "reject")}>Reject</Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
