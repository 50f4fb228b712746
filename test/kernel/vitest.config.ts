import { defineConfig } from "vitest/config";

/** Used inside the guest only, by run-bench.ts. */
export default defineConfig({
  test: {
    include: ["test/kernel/guest/*.test.ts"],
    // There is one USB tree and one vcan0, and a process costs seconds here: all files run in one, one by one.
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["verbose", ["json", { outputFile: "/run/out/figures.json" }]],
  },
});
