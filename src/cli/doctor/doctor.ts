import { dirname } from "node:path";
import { errorCode, errorText } from "../../lib/thrown.ts";
import { readStation } from "../../config/station-file.ts";
import { chipChoice } from "../../family/table.ts";
import { writeAtomic } from "../../lib/write-atomic.ts";
import type { Station } from "../../model/station.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import { checkData } from "./check-data.ts";
import { checkDesk } from "./check-desk.ts";
import { checkOutbox } from "./check-outbox.ts";
import { checkPower } from "./check-power.ts";
import { checkProgram } from "./check-program.ts";
import { checkRights } from "./check-rights.ts";
import { checkUsb } from "./check-usb.ts";
import { checkWires } from "./check-wires.ts";
import type { Finding } from "./finding.ts";
import { thisMachine, type Machine } from "./machine.ts";
import { installRule, rulePath, udevRule } from "./udev-rule.ts";
import { usbTree } from "./usb-tree.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";

export interface DoctorOptions {
  /** The data folder. */
  readonly data: string;
  readonly station: string | null;
  readonly printUdev: boolean;
  /** A file, "" for the one that udev reads; `null`: nothing is written. */
  readonly writeUdev: string | null;
}

/**
 * `gangflash doctor`: what is wrong with this station, and what mends it, line by line; it changes nothing and may run
 * beside a line. Exit 3 when something fails.
 */
export async function doctorCommand(
  options: DoctorOptions,
  io: Io,
  machine: Machine = thisMachine(),
): Promise<number> {
  if (options.printUdev) {
    io.out(udevRule().trimEnd());
    return exitCodes.ok;
  }
  if (options.writeUdev !== null)
    return writeRule(options.writeUdev === "" ? rulePath : options.writeUdev, io);
  const station = options.station === null ? null : stationOf(options.station);
  const tree = usbTree(machine);
  const findings = [
    ...(await checkProgram(machine)),
    ...checkData(options.data, machine),
    ...checkOutbox(station, options.data, machine),
    ...(await checkDesk(machine)),
    ...checkRights(machine, tree ?? []),
    ...checkUsb(tree, station, machine),
    ...(await checkPower(tree ?? [], station, (hub) => machine.askHub(hub))),
    ...checkWires(machine, tree ?? []),
  ];
  for (const finding of findings) say(finding, io);
  const failed = findings.filter(({ state }) => state === "fail").length;
  const warned = findings.filter(({ state }) => state === "warn").length;
  const isFit = failed === 0;
  if (io.json)
    io.out(JSON.stringify({ type: "summary", failed, warned, ok: findings.length - failed - warned }));
  else
    io.out(`${isFit ? "This station is fit" : "This station is not fit"}: ${failed} fail, ${warned} warn.`);
  return isFit ? exitCodes.ok : exitCodes.unfit;
}

function stationOf(file: string): Station {
  const read = readStation(file, chipChoice);
  if (!read.ok) throw new FileMistakes(read.issues);
  return read.value;
}

function say({ state, what, seen, mend }: Finding, io: Io): void {
  if (io.json) {
    io.out(JSON.stringify({ type: "check", state, what, seen, mend }));
    return;
  }
  io.out(`${state.padEnd(4)}  ${what}: ${seen}`);
  if (mend !== null) io.out(`      mend: ${mend}`);
}

function writeComplaint(file: string, error: unknown): string {
  switch (errorCode(error)) {
    case "EACCES":
    case "EPERM":
      return file === rulePath
        ? `only root may write it: ${installRule}`
        : `this user may not write it: gangflash doctor --print-udev | sudo tee ${file}`;
    case "ENOENT":
      return `there is no folder ${dirname(file)}${file === rulePath ? ": this system has no udev" : ""}`;
    case "EISDIR":
      return "there is a folder of this name";
    default:
      return errorText(error);
  }
}

function writeRule(file: string, io: Io): number {
  try {
    // As every rule: readable for all.
    writeAtomic(file, Buffer.from(udevRule()), 0o644);
  } catch (error) {
    throw new CommandError(`gangflash: ${file}: ${writeComplaint(file, error)}`, exitCodes.unfit);
  }
  io.out(`${file} is written.`);
  io.err(
    'It counts from the next start on, or at once after "sudo udevadm control --reload && sudo udevadm trigger".',
  );
  return exitCodes.ok;
}
