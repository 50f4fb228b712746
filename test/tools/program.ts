import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The program as it is installed: the built one. */
export const program = resolve(import.meta.dirname, "../../bin/gangflash.js");

export const builtHere = (): boolean =>
  existsSync(resolve(import.meta.dirname, "../../dist/program/main.js"));

/** The scripts measure what is installed; without it they would measure nothing, or something old. */
export function needBuilt(): void {
  if (!builtHere()) throw new Error('there is no built program: "npm run build" makes it');
}
