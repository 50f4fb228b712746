import { readFileSync } from "node:fs";

/** The program's version, from its own package.json, which lies one folder above the built files. */
export const toolVersion: string = // Our own file, with a version like every package's.
  (
    JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      readonly version: string;
    }
  ).version;
