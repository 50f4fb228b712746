import type { IssueConcern, LoaderIssue, Quirk, Wire } from "../model/family.ts";
import type { DeviceFacts, Facts } from "./facts.ts";

/** What gangflash does about a fault on some wires; a fault that differs by wire has one line for each. */
interface Treatment {
  readonly handling: LoaderIssue["handling"];
  readonly wires: readonly Wire[];
  readonly concerns?: IssueConcern;
  readonly quirks?: readonly Quirk[];
}

const every: readonly Wire[] = ["uart", "usb", "can"];

/**
 * Every fault of the table that is more than a note. The comment says who keeps the promise of `worked-around` and
 * `refused`, where it is not the step `identify`.
 */
export const treatments: ReadonlyMap<string, readonly Treatment[]> = new Map<string, readonly Treatment[]>([
  // Verify reads back every byte; no profile can leave it out.
  ["wrp-silent", [{ handling: "worked-around", wires: every }]],
  ["g0b1-wrp-ok", [{ handling: "worked-around", wires: ["usb"] }]],
  // The UART commands drain the line, send only addresses of the table, and drop the second ACK.
  ["double-nack-rdp", [{ handling: "worked-around", wires: ["uart"], quirks: ["double-nack-rdp"] }]],
  ["f2-silent-abort", [{ handling: "worked-around", wires: ["uart", "can"], quirks: ["silent-abort"] }]],
  ["l1-silent-abort", [{ handling: "worked-around", wires: ["uart", "can"], quirks: ["silent-abort"] }]],
  ["l412-double-ack", [{ handling: "worked-around", wires: ["uart"], quirks: ["double-ack-sync"] }]],
  // Where the rate is above this, the sync fails before the chip is known.
  ["max-57600", [{ handling: "warned", wires: ["uart"], quirks: ["max-57600"] }]],
  // Erase commands of one unit, and waits after each.
  ["g0b-multi-erase-bank2", [{ handling: "worked-around", wires: every, quirks: ["one-page-per-erase"] }]],
  ["u375-multi-erase", [{ handling: "worked-around", wires: every, quirks: ["one-page-per-erase"] }]],
  [
    "g07-v11.3",
    [
      {
        handling: "worked-around",
        wires: every,
        quirks: ["one-page-per-erase", "early-erase-ack", "clears-empty-flag"],
      },
    ],
  ],
  ["h74-bank2-erase", [{ handling: "worked-around", wires: every, quirks: ["early-erase-ack"] }]],
  // The step `erase` refuses bank 2 over USB in dual-bank mode; a mass erase and the other wires do it right.
  [
    "f42-bank2-erase-dfu",
    [{ handling: "worked-around", wires: ["usb"], quirks: ["dfu-bank2-erase-broken"] }],
  ],
  [
    "f76-bank2-usb-erase",
    [{ handling: "worked-around", wires: ["usb"], quirks: ["dfu-bank2-erase-broken"] }],
  ],
  // Writes are padded to the flash word of 8 bytes.
  ["l4-dfu-pad8", [{ handling: "worked-around", wires: ["usb"], quirks: ["dfu-pad-8"] }]],
  ["l4-crs", [{ handling: "warned", wires: ["usb"], quirks: ["dfu-pad-8"] }]],
  // A chip whose memory string is not the table's is not recognised.
  ["h7a3-string", [{ handling: "worked-around", wires: ["usb"] }]],
  ["h72-string", [{ handling: "worked-around", wires: ["usb"] }]],
  // No bank erase is ever sent, nor anything by the type letter of an option byte string.
  ["l496-bank-erase", [{ handling: "worked-around", wires: every }]],
  ["ob-desc-g", [{ handling: "worked-around", wires: ["usb"] }]],
  ["can-wrunprot-broken", [{ handling: "worked-around", wires: ["can"] }]],
  ["can-wrunprot-broken-f2", [{ handling: "worked-around", wires: ["can"] }]],
  // Protection is written alone, after everything else (plan/options).
  ["u575-rdp-sec", [{ handling: "worked-around", wires: every, concerns: "option bytes" }]],
  ["f1-getid-one-byte", [{ handling: "worked-around", wires: ["uart"] }]],
  ["f105-getver", [{ handling: "worked-around", wires: every }]],
  // The option block ends before what cannot be reached; the RAM that cannot be used is left out of the family.
  ["g431-ob-48", [{ handling: "worked-around", wires: every, concerns: "option bytes" }]],
  ["l031-no-sram", [{ handling: "worked-around", wires: every }]],
  ["l47-sram", [{ handling: "worked-around", wires: every }]],
  // I2C is no wire of this program.
  ["wb-i2c-wp", [{ handling: "worked-around", wires: [] }]],

  ["g0b1-no-ob-alt", [{ handling: "refused", wires: ["usb"], concerns: "option bytes" }]],
  [
    "g07-v11.2",
    [
      { handling: "refused", wires: ["uart"], concerns: "option bytes", quirks: ["option-launch-missing"] },
      { handling: "warned", wires: ["uart"], concerns: "unprotect" },
    ],
  ],
  // The erase list of FDCAN is read with its bytes exchanged: other pages than the wanted ones would go.
  [
    "l5-v9.0",
    [
      { handling: "refused", wires: ["can"] },
      { handling: "warned", wires: ["uart", "usb"], concerns: "option bytes" },
      { handling: "refused", wires: ["usb"], concerns: "launch" },
    ],
  ],
  ["l5-v9.1", [{ handling: "refused", wires: ["can"] }]],

  ["usb-hs-host", [{ handling: "warned", wires: ["usb"] }]],
  ["f105-old", [{ handling: "warned", wires: every }]],
  ["f105-pa9", [{ handling: "warned", wires: every }]],
  ["f401xc-sprmod", [{ handling: "warned", wires: every, concerns: "unprotect" }]],
  ["wb55-rdu", [{ handling: "warned", wires: every, concerns: "unprotect" }]],
  ["empty-flag-cleared", [{ handling: "warned", wires: every, quirks: ["clears-empty-flag"] }]],
  ["stale-empty-flag", [{ handling: "warned", wires: every, quirks: ["stale-empty-flag"] }]],
  ["g03-pa3", [{ handling: "warned", wires: every }]],
  ["h7-rdp1-crashloop", [{ handling: "warned", wires: every, concerns: "option bytes" }]],
  ["h72-tcm-rdp1", [{ handling: "warned", wires: every, concerns: "option bytes" }]],
  // Its mass erase over USB is dead, so none is sent: sector lists instead.
  ["h74-v13", [{ handling: "warned", wires: ["uart", "usb"], quirks: ["no-mass-erase"] }]],
  [
    "h74-v9.0",
    [
      { handling: "warned", wires: ["uart", "usb"] },
      // A write is one FD frame of 64 bytes at least, and whether those of up to 63 or those above fail is not known.
      { handling: "refused", wires: ["can"] },
    ],
  ],
  ["h74-pb15-low", [{ handling: "warned", wires: ["uart", "can"] }]],
  ["h74-mirror-tx", [{ handling: "warned", wires: ["uart"] }]],
  ["h74-sp", [{ handling: "warned", wires: every, concerns: "launch" }]],
  ["pcrop-byte", [{ handling: "warned", wires: every, concerns: "option bytes" }]],
  ["f76-bootadd1", [{ handling: "warned", wires: every, concerns: "option bytes" }]],
  ["g47-v13.3", [{ handling: "warned", wires: every, concerns: "option bytes" }]],
]);

/** Marks that the table keeps as flags: facts without a text of their own. */
const flagQuirks: ReadonlyMap<string, Quirk> = new Map([
  ["read-uid-as-large-block", "uid-as-large-block"],
  ["needs-option-launch-after-write", "stale-empty-flag"],
  ["clears-empty-flag", "stale-empty-flag"],
  ["can-erases-page-pairs", "can-erases-page-pairs"],
]);

const staleEmptyFlag =
  "A blank chip starts its loader again after the first programming and a plain reset. Cycle its power, or write an " +
  "option byte, before the application is expected.";

/**
 * The faults that a loader may have. A loader whose id is known has its own; one whose id cannot be read may have
 * those of any id of its variant, and is not refused for one that it may not have.
 */
export function issuesOf(device: DeviceFacts, bootloaderId: number | null, facts: Facts): LoaderIssue[] {
  const listed = device.issues
    .filter(({ bootloaderIds }) => bootloaderIds === null || appliesTo(bootloaderIds, bootloaderId))
    .map(({ id, bootloaderIds }) => ({ id, sure: bootloaderIds === null || bootloaderId !== null }));
  const everywhere = [...facts.issues]
    .filter(([, issue]) => issue.everywhere)
    .map(([id]) => ({ id, sure: true }));
  const issues = [...listed, ...everywhere].flatMap(({ id, sure }): LoaderIssue[] => {
    const issue = facts.issues.get(id);
    if (issue === undefined) throw new RangeError(`${device.key} names the fault ${id}, which has no text`);
    return lines(id).map((line) => ({
      id,
      severity: issue.severity,
      text: issue.text,
      handling: line.handling === "refused" && !sure ? "warned" : line.handling,
      wires: line.wires,
      concerns: line.concerns ?? "every job",
    }));
  });
  const stale = device.flags.some((flag) => flagQuirks.get(flag) === "stale-empty-flag");
  return stale ? [...issues, staleIssue()] : issues;
}

/** The quirks that follow from a loader's faults, from its flags, and from what its commands lack. */
export function quirksOf(device: DeviceFacts, issues: readonly LoaderIssue[]): ReadonlySet<Quirk> {
  const flags = device.flags.map((flag) => flagQuirks.get(flag));
  return new Set([
    ...issues.flatMap(({ id }) => lines(id).flatMap((line) => line.quirks ?? [])),
    ...flags.filter((quirk) => quirk !== undefined),
    ...(device.flash.massErase ? [] : (["no-mass-erase"] as const)),
  ]);
}

function appliesTo(ids: readonly number[], id: number | null): boolean {
  return id === null || ids.includes(id);
}

function lines(id: string): readonly Treatment[] {
  return treatments.get(id) ?? [{ handling: "note", wires: every }];
}

function staleIssue(): LoaderIssue {
  return {
    id: "stale-empty-flag",
    severity: "medium",
    text: staleEmptyFlag,
    handling: "warned",
    wires: every,
    concerns: "every job",
  };
}
