// Takes the data folder named on the command line, keeps nothing of it, and lives until it is killed. A line on its
// input collects garbage.
import { openStore } from "../../../src/store/open-store.ts";

const [, , folder = ""] = process.argv;
openStore(folder, { mode: "owner", station: "line1", timezone: null, toolVersion: "0.1.0" });
process.stdout.write("held\n");
process.stdin.on("data", () => {
  globalThis.gc?.();
  setTimeout(() => process.stdout.write("collected\n"), 50);
});
