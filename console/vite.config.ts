import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where the gateway listens while the console is developed; its answers come through Vite, so that one origin serves all. */
const gateway = process.env.TOLLGATE_URL ?? "http://127.0.0.1:8787";

export default defineConfig({
  // The gateway serves the console below this path; its root is for clients.
  base: "/console/",
  plugins: [react()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // What is inlined as data: needs a laxer content security policy.
    assetsInlineLimit: 0,
    // Read by the test of what a first visit loads.
    manifest: true,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ["/admin", "/v1", "/v1beta", "/anthropic", "/bedrock", "/v4", "/merge", "/healthz"].map((path) => [
        path,
        { target: gateway, changeOrigin: false },
      ]),
    ),
  },
});
