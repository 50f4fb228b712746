// Copies what tsc leaves behind: every file under src/ that is no source goes to the same place under dist/.
import { cpSync } from "node:fs";
import { extname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const sources = new Set([".ts", ".tsx"]);

cpSync(join(root, "src"), join(root, "dist"), {
  recursive: true,
  filter: (from) => !sources.has(extname(from)),
});
