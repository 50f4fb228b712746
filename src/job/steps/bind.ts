import { toHex } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import { patch } from "../../inject/patch.ts";
import type { FieldValues } from "../../inject/fields.ts";
import type { Bootloader } from "../../protocol/bootloader.ts";
import type { DeviceFamily } from "../../model/family.ts";
import type { Reservation } from "../../model/ledger.ts";
import { largestNumber, serialPattern } from "../../model/serial.ts";
import { sectorsTouched } from "../../plan/erase.ts";
import { wantedContent } from "../../plan/writes.ts";
import { knownChip, type AttemptState, type Step } from "../attempt-state.ts";

/** The 96-bit id as 24 hex digits, the three words at their offsets joined; `null` where this wire cannot read it. */
export async function readUid(
  loader: Bootloader,
  family: DeviceFamily,
  signal: AbortSignal,
): Promise<string | null> {
  const { address, wordOffsets } = family.uid;
  const span = wordOffsets[2] + 4;
  const bytes = await loader.tryRead(address, span, signal);
  if (bytes === null || bytes.length < span) return null;
  const uid = wordOffsets.map((offset) => toHex(bytes.subarray(offset, offset + 4))).join("");
  return /^(00|ff)+$/.test(uid) ? null : uid;
}

/** Binds the barcode to the chip, resolves the serial number, lays the unit's data over the image. */
export const bind: Step = async function* (state, signal) {
  const { job } = state;
  const { family, map } = knownChip(state);
  state.uid = await readUid(state.loader, family, signal);
  const how = state.uid === null ? "this wire cannot read it" : `Read Memory over ${state.loader.wire}`;
  const bound = { type: "bound", uid: state.uid, how } as const;
  try {
    job.desk.bind(state.uid);
  } catch (error) {
    // The record says which chip lay there, although it is not this unit's.
    if (error instanceof Fault && error.code === "UNIT_MISMATCH") yield bound;
    throw error;
  }
  yield bound;

  const serial = await resolveSerial(state, signal);
  const values: FieldValues = {
    ...job.dates,
    barcode: job.barcode,
    ...(serial === null ? {} : { serial: serial.text, n: serial.number }),
    ...(job.mac === null ? {} : { mac: job.mac.text }),
    ...(state.uid === null ? {} : { uid: state.uid }),
  };
  const patched = patch(job.base, job.profile.data, values, family.erasedByte);
  if (typeof patched === "string") throw new Fault("DATA_MISMATCH", patched);
  state.patched = patched;
  const whole = job.profile.erase === "all" ? map.sectors : sectorsTouched(map, patched.segments);
  state.content = wantedContent(whole, patched.segments, family.erasedByte);
  yield {
    type: "data",
    serial: serial?.text ?? null,
    hash: patched.fieldsHash,
    fields: patched.fields.map((field) => field.name),
  };
  return 0;
};

/** Under keep-existing a well-formed number of this series that lies in the chip is kept, if no other unit has it. */
async function resolveSerial(state: AttemptState, signal: AbortSignal): Promise<Reservation | null> {
  const { job } = state;
  const spec = job.profile.serial;
  if (spec === null || spec.policy !== "keep-existing") return job.serial;
  const field = job.profile.data.find((f) => f.kind === "text" && f.value === "{serial}" && f.as === "ascii");
  if (field === undefined) return job.serial;
  const bytes = await state.loader.tryRead(field.at, field.length, signal);
  if (bytes === null) return job.serial;
  const end = bytes.findIndex((byte) => byte === 0x00 || byte === 0xff);
  const text = Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("latin1");
  const digits = serialPattern(spec.format).exec(text)?.groups?.["n"];
  const number = Number(digits);
  // The range of this profile may be a part of the series; what its format has no room for is none of it.
  const ours = digits !== undefined && number <= (largestNumber(spec.format) ?? Number.MAX_SAFE_INTEGER);
  return ours ? job.desk.adopt(spec.series, number, text) : job.serial;
}
