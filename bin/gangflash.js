#!/usr/bin/env node
// Plain JavaScript with no import on top: an old Node must reach this sentence before a native module ends it.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `gangflash needs Node 24 or newer, this is ${process.version}. In a checkout start it with "npx gangflash" or "npm start".\n`,
  );
  process.exit(3);
}
// Whoever stops the program while it is being loaded gets the same exit codes. Once main.ts listens, it decides; these stay,
// for a signal that comes while the last listener is taken away is lost.
for (const [name, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
])
  process.on(name, () => {
    if (process.listenerCount(name) === 1) process.exit(code);
  });
const { keepCompiled } = await import("./keep-compiled.js");
keepCompiled();
await import("../dist/program/main.js");
