export type { ProxyEvent } from "./events.ts";
export type { Admission, Authorize, FindGateway, GatewayProxyOptions, GatewayTarget } from "./options.ts";
