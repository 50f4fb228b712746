import { migration0001 } from "./0001.ts";
import { migration0002 } from "./0002.ts";

/** The steps in order: step n leads from `user_version` n-1 to n. */
export const migrations: readonly string[] = [migration0001, migration0002];
