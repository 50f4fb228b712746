import { defineConfig } from "vitest/config";

/** Used inside the guest only, by run-bench.ts. */
export default defineConfig({
  test: {
    include: ["test/kernel/guest/*.test.ts"],
    // There is one USB tree and one vcan0, and a process costs seconds here: all files run in one, one by one.
    fileParallelism: false,
    isolate: false,
    // One start of the program takes 2 to 15 s here, by what else the machine does.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    reporters: ["verbose", ["json", { outputFile: "/run/out/figures.json" }]],
  },
});
