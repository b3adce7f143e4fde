export { createMockGateway, type MockGateway, type MockGatewayOptions } from "./mock-gateway.ts";
export type { Random } from "./random.ts";
export { defaultReply, type MockReply, type MockStep, type MockTurn } from "./script.ts";
