import type { DeviceRequest, NodeRequest, PairedDevice, PairedNode } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";

/** Who is let in, and who waits for it. `problem` is what the last change met. */
export type Devices = {
  load: "waiting" | "ready" | "forbidden" | { error: string };
  pending: readonly DeviceRequest[];
  paired: readonly PairedDevice[];
  pendingNodes: readonly NodeRequest[];
  nodes: readonly PairedNode[];
  problem: string | undefined;
};

export const noDevices: Devices = {
  load: "waiting",
  pending: [],
  paired: [],
  pendingNodes: [],
  nodes: [],
  problem: undefined,
};

export function reduceDevices(state: Devices, action: AppAction): Devices {
  switch (action.type) {
    case "signed-out":
      return noDevices;
    case "devices-loaded": {
      const { pending, paired, pendingNodes, nodes } = action;
      return { load: "ready", pending, paired, pendingNodes, nodes, problem: undefined };
    }
    case "devices-not-loaded":
      return { ...(action.load === "forbidden" ? noDevices : state), load: action.load };
    case "device-requested": {
      const { payload } = action;
      return { ...state, pending: withFirst(state.pending, payload) };
    }
    case "node-requested":
      return { ...state, pendingNodes: withFirst(state.pendingNodes, action.payload) };
    case "request-resolved": {
      const pending = without(state.pending, action.requestId);
      const pendingNodes = without(state.pendingNodes, action.requestId);
      return pending === state.pending && pendingNodes === state.pendingNodes
        ? state
        : { ...state, pending, pendingNodes, problem: undefined };
    }
    case "device-problem":
      return { ...state, problem: action.message };
    default:
      return state;
  }
}

type Request = { requestId: string };

const withFirst = <R extends Request>(rows: readonly R[], request: R): readonly R[] => [
  request,
  ...rows.filter(({ requestId }) => requestId !== request.requestId),
];

function without<R extends Request>(rows: readonly R[], requestId: string): readonly R[] {
  const rest = rows.filter((row) => row.requestId !== requestId);
  return rest.length === rows.length ? rows : rest;
}

/** What a request asks for, in words a person can decide by. */
export function wishOf({ role, scopes }: Pick<DeviceRequest, "role" | "scopes">): string {
  if (role === "node") return "wants to offer its commands to agents";
  if (scopes.includes("operator.admin")) return "asks for full control of this gateway";
  const names = scopes.map(shortScope);
  return names.length === 0 ? `wants to connect as ${role}` : `asks to ${names.join(", ")}`;
}

/** The same of a node: its commands are what matters. */
export const wishOfNode = ({ commands = [] }: Pick<NodeRequest, "commands">): string =>
  commands.length === 0 ? "wants to be a node" : `wants to offer: ${commands.join(", ")}`;

export const shortScope = (scope: string): string => scope.replace(/^operator\./, "");
