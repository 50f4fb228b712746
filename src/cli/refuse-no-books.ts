import { openStore } from "../store/open-store.ts";

/** Before a command opens books as their owner, which makes them: a mistyped folder must not become one. Throws StoreError. */
export function refuseNoBooks(data: string): void {
  openStore(data, { mode: "reader" }).close();
}
