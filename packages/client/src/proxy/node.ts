export {
  type AttachedGatewayProxy,
  attachGatewayProxy,
  type AttachOptions,
  createNodeGatewayProxy,
  type NodeGatewayProxy,
} from "./node-upgrade.ts";
export type * from "./types.ts";
