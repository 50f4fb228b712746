import { registerHooks } from "node:module";

// Preloaded: sends the process the signal EARLY_SIGNAL as soon as it listens for it, if it does before it has its program.
let isLoaded = false;
registerHooks({
  load(url, context, next) {
    isLoaded ||= url.endsWith("/dist/program/main.js");
    return next(url, context);
  },
});
const signal = process.env["EARLY_SIGNAL"] ?? "";
process.on("newListener", (name) => {
  if (name !== signal || isLoaded) return;
  setImmediate(() => process.kill(process.pid, signal));
});
