import { attachGatewayProxy } from "@openclaw-gateway/client/proxy/node";
import { defineConfig } from "vite";

/** WebSockets at /api/gateway/ws go to OPENCLAW_GATEWAY_URL; OPENCLAW_GATEWAY_TOKEN is added here, on the server. */
const gatewayProxy = {
  name: "gateway-proxy",
  configureServer: ({ httpServer }) => void attachGatewayProxy(httpServer),
  configurePreviewServer: ({ httpServer }) => void attachGatewayProxy(httpServer),
};

export default defineConfig({ plugins: [gatewayProxy] });
