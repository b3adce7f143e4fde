// Entry `./device`: a browser with a key of its own. Apart from the client, so that pages without it do not download it.
export { type BrowserDevice, type DeviceObstacle, DeviceUnavailableError, openDevice } from "./device.ts";
export { createDeviceTokens } from "./device-tokens.ts";
export type { KeyStore } from "./key-store.ts";
