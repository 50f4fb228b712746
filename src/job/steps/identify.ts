import { assertNever } from "../../lib/assert-never.ts";
import { hex32, hexShort } from "../../lib/bytes.ts";
import type { AttemptHappening } from "../../model/event.ts";
import type { LoaderIssue } from "../../model/family.ts";
import { Fault } from "../../model/fault.ts";
import { outside } from "../../plan/erase.ts";
import { fieldSpan } from "../../inject/patch.ts";
import { again } from "../again.ts";
import { note, type AttemptState, type KnownChip, type Step } from "../attempt-state.ts";
import { chipById, chipByStrings, recogniseById, statedFlashKiB } from "../recognise.ts";
import type { Identity } from "../../protocol/bootloader.ts";

/** Who is there: product id, loader, flash size, protection; compared with the profile before anything is touched. */
export const identify: Step = async function* (state, signal) {
  const { job } = state;
  let identity = await identified(state, signal);
  let found: Found;
  try {
    found = await recognise(state, identity, signal);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "PROTECTED" || job.profile.onProtected !== "unprotect")
      throw error;
    for (const issue of lockedIssues(state, identity)) yield warning(issue);
    yield note("the chip was locked: read protection taken off, all of its flash erased");
    await state.loader.unprotect(signal);
    await state.reconnect(signal);
    identity = await identified(state, signal);
    found = await recognise(state, identity, signal);
  }
  state.chip = found.chip;
  state.usbSerial = identity.usbSerial;
  const { family, flashKiB, map } = found.chip;
  yield {
    type: "chip",
    chip: {
      name: family.name,
      productId: identity.productId,
      familyKey: family.key,
      protocolVersion: identity.protocolVersion,
      bootloaderId: found.bootloaderId,
      flashKiB,
      usbSerial: identity.usbSerial,
    },
  };
  const known = family.issues.filter((issue) => isMet(issue, state));
  for (const issue of known) if (issue.handling === "warned") yield warning(issue);
  const refusing = known.find((issue) => issue.handling === "refused");
  if (refusing !== undefined) throw new Fault("LOADER_FAULT", `${refusing.id}: ${refusing.text}`);
  const misfit = outside(map, [...job.base, ...fieldSpan(job.profile.data)]);
  if (misfit !== null) {
    const has = Math.floor(map.flashBytes / 1024);
    // A chip may say more of itself than one of its id can have.
    const says = has === flashKiB ? "" : `, though it says ${flashKiB}`;
    throw new Fault(
      "WRONG_CHIP",
      `the image needs ${hex32(misfit.address)} to ${hex32(misfit.end - 1)}, this chip has ${has} KiB of flash${says}`,
    );
  }
  return 0;
};

function warning(issue: LoaderIssue): AttemptHappening {
  return note(`known fault of this loader, ${issue.id}: ${issue.text}`);
}

/** Nothing tells a spoilt id from a true one: a board of the wrong kind is asked again before it is turned away. */
async function identified(state: AttemptState, signal: AbortSignal): Promise<Identity> {
  const ask = (): Promise<Identity> => again(state, () => state.loader.identify(signal));
  const identity = await ask();
  if (identity.productId === null || state.job.profile.chip.productIds.includes(identity.productId))
    return identity;
  const second = await ask();
  if (second.productId !== identity.productId) state.retries += 1;
  return second;
}

/** A fault of another wire, or of something that this job does not do, is none of this board's. */
function isMet(issue: LoaderIssue, state: AttemptState): boolean {
  const { profile } = state.job;
  if (!issue.wires.includes(state.loader.wire)) return false;
  switch (issue.concerns) {
    case "every job":
      return true;
    case "option bytes":
      return profile.optionBytes.size > 0;
    case "launch":
      return profile.after === "run";
    // Told where it happens, before the protection is taken off.
    case "unprotect":
      return false;
    default:
      return assertNever(issue.concerns);
  }
}

/** What is known to go wrong when the chips of this profile are unlocked over this wire, each once. */
function lockedIssues(state: AttemptState, identity: Identity): LoaderIssue[] {
  const { profile, table } = state.job;
  const ids = identity.productId === null ? profile.chip.productIds : [identity.productId];
  const all = ids
    .flatMap((id) => table.familyOf(id, null)?.issues ?? [])
    .filter((issue) => issue.concerns === "unprotect" && issue.wires.includes(state.loader.wire));
  return [...new Map(all.map((issue) => [issue.id, issue])).values()];
}

interface Found {
  readonly chip: KnownChip;
  readonly bootloaderId: number | null;
}

async function recognise(state: AttemptState, identity: Identity, signal: AbortSignal): Promise<Found> {
  const { loader, job } = state;
  const { chip: choice } = job.profile;
  if (identity.productId === null) {
    const chip = chipByStrings(identity, choice, job.table);
    loader.adopt(chip.family);
    checkSize(choice, chip.flashKiB);
    // The first read tells whether the chip is locked.
    await loader.tryRead(chip.family.flashStart, 4, signal);
    return { chip, bootloaderId: null };
  }
  if (!choice.productIds.includes(identity.productId)) {
    const name =
      job.table.familyOf(identity.productId, null)?.name ?? job.table.foreignDevice(identity.productId);
    throw new Fault(
      "WRONG_CHIP",
      `the loader answers ${hexShort(identity.productId)}${name === null ? "" : ` (${name})`}, ` +
        `${choice.name} is ${choice.productIds.map(hexShort).join(" or ")}`,
    );
  }
  const { family, bootloaderId } = await recogniseById(loader, identity.productId, job.table, signal);
  const stated = await statedFlashKiB(loader, family, signal);
  if (stated !== null) checkSize(choice, stated);
  const chip = await chipById(loader, family, stated ?? choice.flashKiB.most, job.table, signal);
  return { chip, bootloaderId };
}

// A larger flash than the part number says is a part that was sold as less; a smaller one is another part.
function checkSize(
  choice: { name: string; kind: string; flashKiB: { least: number } },
  flashKiB: number,
): void {
  if (choice.kind === "part" && flashKiB < choice.flashKiB.least)
    throw new Fault(
      "WRONG_CHIP",
      `the chip has ${flashKiB} KiB of flash, ${choice.name} has ${choice.flashKiB.least}`,
    );
}
