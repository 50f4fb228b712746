import { fileURLToPath } from "node:url";

/** A file that comes with the program, such as `docs/chain.md`: two folders above this one, and above the built ones. */
export const shipped = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
