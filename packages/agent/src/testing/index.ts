export { vectorOf } from "./openai-embeddings.ts";
export { type ProviderServer, type ReceivedRequest, startProviderServer } from "./provider-server.ts";
export { answerByMarkers, type ProviderRequest, type Script, type ScriptedAnswer } from "./scripted-answer.ts";
