import type { ConnState } from "@openclaw-gateway/browser-client";
import type {
  AgentEvent,
  ChatEvent,
  ChatHistory,
  DeviceRequest,
  NodeRequest,
  Payload,
  PendingApproval,
  Result,
  SessionRow,
} from "@openclaw-gateway/protocol";
import type { OriginRefusal } from "../features/connect/ask-gateway.ts";
import type { ThisDevice } from "../features/connect/this-device.ts";
import type { Devices } from "../features/devices/devices.ts";
import type { PageName } from "./route.ts";

/** Everything that can happen to the page. `nowMs` is milliseconds since the epoch. */
export type AppAction =
  | { type: "link-changed"; link: ConnState; nowMs: number }
  | { type: "signed-out" }
  | { type: "page-opened"; page: PageName }
  | { type: "this-device-known"; device: NonNullable<ThisDevice> }
  | { type: "entrance-told"; refusal: OriginRefusal | undefined }
  | { type: "approval-of-this-device-ended"; requestId: string; outcome: "rejected" | "expired" }
  | { type: "catalog-loaded"; agents: Result<"agents.list">; models: Result<"models.list"> }
  | { type: "sessions-loaded"; rows: readonly SessionRow[]; hasMore: boolean }
  | { type: "sessions-failed"; message: string }
  | { type: "session-changed"; payload: Payload<"sessions.changed"> }
  | ({ type: "devices-loaded" } & Pick<Devices, "pending" | "paired" | "pendingNodes" | "nodes">)
  | { type: "devices-not-loaded"; load: Exclude<Devices["load"], "waiting" | "ready"> }
  | { type: "device-requested"; payload: DeviceRequest }
  | { type: "node-requested"; payload: NodeRequest }
  | { type: "request-resolved"; requestId: string }
  | { type: "device-problem"; message: string }
  | { type: "session-opened"; key: string }
  | { type: "history-requested"; key: string }
  | { type: "history-loaded"; key: string; history: ChatHistory }
  | { type: "history-failed"; key: string; message: string }
  | { type: "earlier-requested"; key: string }
  | { type: "earlier-loaded"; key: string; history: ChatHistory }
  | { type: "earlier-failed"; key: string; message: string }
  | { type: "message-appended"; payload: Payload<"session.message"> }
  | { type: "run-progressed"; payload: ChatEvent }
  | { type: "run-stepped"; payload: AgentEvent }
  | { type: "send-started"; item: { id: string; sessionKey: string; text: string } }
  | { type: "send-accepted"; id: string }
  | { type: "send-failed"; id: string; message: string; isUncertain: boolean }
  | { type: "send-dropped"; id: string }
  | { type: "approvals-loaded"; approvals: readonly PendingApproval[] }
  | { type: "approval-requested"; approval: PendingApproval }
  | { type: "approval-ended"; id: string }
  | { type: "approval-failed"; id: string; message: string };
