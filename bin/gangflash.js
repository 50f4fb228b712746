#!/usr/bin/env node
// Plain JavaScript with no import on top: an old Node must reach this sentence before a native module ends it.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `gangflash needs Node 24 or newer, this is ${process.version}. In a checkout start it with "npx gangflash" or "npm start".\n`,
  );
  process.exit(3);
}
const { keepCompiled } = await import("./keep-compiled.js");
keepCompiled();
await import("../dist/program/main.js");
