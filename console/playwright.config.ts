import { defineConfig } from "@playwright/test";

// A browser drives the real program, built by `cargo build --package gateway`, which serves what `npm run build` built.
export default defineConfig({
  testDir: "tests",
  outputDir: "../target/console-tests",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["line"]],
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "drive", testDir: "tests/drive" },
    { name: "bench", testDir: "tests/bench" },
    { name: "samples", testDir: "tests/samples" },
    { name: "screens", testDir: "tests/screens" },
  ],
});
