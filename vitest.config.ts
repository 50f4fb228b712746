import { defineConfig } from "vitest/config";

// .ci/run asks for the figures as a file beside what people read.
const figures = process.env["VITEST_JSON"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/kernel/**"], // in a Linux of its own: npm run test:kernel
    testTimeout: 20_000,
    maxWorkers: 2,
    ...(figures === undefined ? {} : { reporters: ["default", ["json", { outputFile: figures }]] }),
  },
});
