import type { DeviceRequest } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";

/** Devices that wait for approval, the newest first. */
export type WaitingDevices = { rows: readonly DeviceRequest[]; problem: string | undefined };

export const noWaitingDevices: WaitingDevices = { rows: [], problem: undefined };

export function reduceWaitingDevices(state: WaitingDevices, action: AppAction): WaitingDevices {
  switch (action.type) {
    case "signed-out":
      return noWaitingDevices;
    case "devices-loaded":
      return { rows: action.pending, problem: undefined };
    case "device-requested": {
      const { payload } = action;
      return { ...state, rows: [payload, ...state.rows.filter(({ requestId }) => requestId !== payload.requestId)] };
    }
    case "device-resolved": {
      const rows = state.rows.filter(({ requestId }) => requestId !== action.requestId);
      return rows.length === state.rows.length ? state : { rows, problem: undefined };
    }
    case "device-problem":
      return { ...state, problem: action.message };
    default:
      return state;
  }
}

/** What a request asks for, in words a person can decide by. */
export function wishOf({ role, scopes }: DeviceRequest): string {
  if (role === "node") return "wants to offer its commands to agents";
  if (scopes.includes("operator.admin")) return "asks for full control of this gateway";
  const names = scopes.map((scope) => scope.replace(/^operator\./, ""));
  return names.length === 0 ? `wants to connect as ${role}` : `asks to ${names.join(", ")}`;
}
