import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mishap } from "../../model/mishap.ts";
import type { Profile } from "../../model/profile.ts";
import type { Slot } from "../../model/station.ts";
import type { Store } from "../../store/store.ts";
import { shipped } from "../shipped.ts";

/** The demonstration: eight simulated boards, two of them with planned trouble (contract, The demonstration). */
export const demonstration = {
  station: shipped("stations/demo.yaml"),
  profile: shipped("profiles/demo.yaml"),
  batch: "DEMO",
  quantity: 8,
  barcodes: Array.from({ length: 8 }, (_, i) => `DEMO-000${i + 1}`),
};

/** Trouble lies on two boards, in whatever slot they are put. */
export function demonstrationMishap(_slot: Slot, barcode: string): Mishap {
  switch (barcode) {
    case "DEMO-0005":
      return { flipBit: 6000 };
    case "DEMO-0007":
      return { pullAt: 12_000 };
    default:
      return {};
  }
}

/** A data folder that goes when the demonstration ends. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "gangflash-demo-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Its profile is released, as a line's would be. */
export function releaseDemonstration(store: Store, profile: Profile): void {
  const { name, revision, hash, text } = profile;
  store.release({ name, revision, hash, text }, [], "gangflash", new Date());
}
