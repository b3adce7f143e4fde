export { type Answer, type AnsweringGateway, createAnsweringGateway } from "./answering-gateway.ts";
export { createLinkedPair, createLinkedTransport, type Fence, type LinkEnd, type LinkListener } from "./linked-pair.ts";
export { createManualClock, type ManualClock } from "./manual-clock.ts";
export {
  connectScriptedClient,
  createScriptedClient,
  rejectionOf,
  type ScriptedClient,
  untilState,
} from "./scripted-client.ts";
export {
  createHello,
  createScriptedConnection,
  type ScriptedConnection,
  type ScriptedLink,
} from "./scripted-connection.ts";
export { createScriptedServer, type ScriptedServer } from "./scripted-server.ts";
