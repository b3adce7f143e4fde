import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The content security policy allows files of the page's own origin only: nothing may be inlined.
const config = defineConfig({
  // The gateway writes the place it serves the page at in the stead of each "./" (`gateway.controlUi.basePath`).
  base: "./",
  plugins: [react(), tailwindcss()],
  // `vite` beside a gateway of `pnpm dev`.
  server: { proxy: { "/ws": { target: "ws://127.0.0.1:19789", ws: true } } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

export { config as default };
