import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

// Beside a program (node --import): how many files it loaded until it ended stands in LOADED_FILES_OUT then.
const out = process.env["LOADED_FILES_OUT"];
let files = 0;
registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:")) files += 1;
    return next(url, context);
  },
});
process.on("exit", () => {
  if (out !== undefined) writeFileSync(out, String(files));
});
