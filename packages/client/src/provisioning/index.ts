export { agentIdentities, type AgentIdentity, workspaceFor } from "./agent-identity.ts";
export {
  type AgentLifecycle,
  type AgentProvisioner,
  type AgentProvisionerOptions,
  createAgentProvisioner,
  type ProvisioningOptions,
  type ProvisioningProgress,
  type ProvisioningResult,
  type WakeMessage,
} from "./agent-provisioner.ts";
export type { AgentSpec, CallOptions, GatewayControlPlane, SessionMessage, VersionCheck } from "./control-plane.ts";
export type { FileOutcome, SyncedFile } from "./file-sync.ts";
export {
  type ControlPlaneClient,
  type ControlPlaneOptions,
  createGatewayControlPlane,
  minimumGatewayVersion,
} from "./gateway-control-plane.ts";
export type { Heartbeat, Heartbeats } from "./heartbeat-patch.ts";
export { ProvisioningError } from "./provisioning-error.ts";
export {
  type AgentTemplates,
  type RenderedFile,
  renderTemplates,
  TemplateError,
  type TemplateProblem,
} from "./templates.ts";
