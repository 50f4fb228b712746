import { readFileSync } from "node:fs";
import { shipped } from "./shipped.ts";

/** The program's version, from its own package.json. */
export const toolVersion: string = // Our own file, with a version like every package's.
  (
    JSON.parse(readFileSync(shipped("package.json"), "utf8")) as {
      readonly version: string;
    }
  ).version;
