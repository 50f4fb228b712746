// Builds dist/ out of src/: few files instead of one a source, for what loads a file costs more than what compiles it.
// Types are the business of tsc (npm run check); here they are only taken out.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const program = join(dist, "program");

rmSync(dist, { recursive: true, force: true });
const entries = {
  main: join(root, "src/main.ts"),
  // A program of its own: it alone waits for the network.
  "courier-child": join(root, "src/transport/outbox/courier-child.ts"),
};
await bundle(entries, program, join(dist, "THIRD-PARTY.txt"));
