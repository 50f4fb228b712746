import { randomInt } from "node:crypto";
import { arch, cpus, hostname, release, totalmem, type as systemType } from "node:os";
import { extname } from "node:path";
import { cleanText } from "../../lib/clean-text.ts";
import {
  countChecks,
  type CheckGroup,
  type Qualification,
  type QualificationCheck,
  type QualifiedMachine,
} from "../../model/qualification.ts";
import type { Station } from "../../model/station.ts";
import { reportFileName, reportFormats, type ReportFormat } from "../../report/file-name.ts";
import { qualificationJson, qualificationReport } from "../../report/kinds/qualification.ts";
import { audit } from "../../store/audit/audit.ts";
import { openConnection } from "../../store/file/connection.ts";
import { CommandError } from "../complain.ts";
import { thisMachine } from "../doctor/machine.ts";
import { exitCodes } from "../exit-codes.ts";
import { installedProgram, startFile } from "../installed.ts";
import { endingAtHangUp, interruptCode, type Io } from "../io.ts";
import { stationOf } from "../order/open-order.ts";
import { outFile } from "../out-file.ts";
import { packCommand } from "../papers/pack.ts";
import { definitionOf, piecesOf, put, reportCommand } from "../papers/report.ts";
import { runCommand } from "../line/run.ts";
import type { SelftestBench } from "./bench.ts";
import { dice } from "./dice.ts";
import { sqliteVersion } from "./installation.ts";
import { ownFolder } from "./own-folder.ts";
import { qualify } from "./qualify.ts";
import { noSeams } from "./stand.ts";

export interface SelftestOptions {
  /** A station file: its name and time zone stand in the report. */
  readonly station: string | null;
  /** A file whose name says its form, or a folder. */
  readonly report: string | null;
  /** A report file of the kind qualification; `null`: the standard one. */
  readonly definition: string | null;
  /** `null`: another one each time. */
  readonly seed: number | null;
  readonly kills: number;
  readonly data: string;
}

/**
 * `gangflash selftest`: tries this program on this machine and the disk of its data folder, with simulated boards and
 * books of its own, and says check by check what was expected and what was seen. It may run beside a line.
 */
export async function selftestCommand(options: SelftestOptions, given: Io): Promise<number> {
  using io = endingAtHangUp(given);
  const station = options.station === null ? null : stationOf(options.station);
  // What is mistyped is told now, not in a minute.
  const definition = definitionOf(options.definition, "qualification");
  const file = reportFile(options, station);
  const seed = options.seed ?? randomInt(1_000_000_000);
  const installed = installedProgram();
  const startedAt = new Date();
  const checks: QualificationCheck[] = [];
  try {
    using folder = ownFolder(options.data);
    if (!io.json)
      io.out(
        `gangflash ${installed.version} tries itself in ${options.data}, seed ${seed}, ${options.kills} kills`,
      );
    const bench: SelftestBench = {
      folder: folder.path,
      data: options.data,
      dice: dice(seed),
      kills: options.kills,
      // The commands that are tried talk to nobody.
      io: { ...io, out: () => {}, err: () => {}, json: false },
      machine: thisMachine(),
      installed,
      program: [process.execPath, startFile],
      seams: noSeams,
      commands: {
        run: runCommand,
        report: reportCommand,
        pack: packCommand,
        audit,
        openBooks: openConnection,
      },
    };
    for await (const check of qualify(bench)) {
      if (!io.json) say(check, checks.at(-1)?.group ?? null, io);
      checks.push(check);
    }
  } catch (error) {
    const interrupted = interruptCode(io.signal);
    if (interrupted === null) throw error;
    io.err(`Stopped after ${checks.length} checks: nothing is qualified, no report is written.`);
    return interrupted;
  }
  const facts: Qualification = {
    program: installed,
    machine: machineFacts(),
    station: station === null ? null : { name: station.name, hash: station.hash },
    timezone: station?.timezone ?? null,
    data: options.data,
    startedAt,
    endedAt: new Date(),
    seed,
    kills: options.kills,
    checks,
  };
  const { passed, failed } = countChecks(checks);
  if (io.json) io.out(qualificationJson(facts));
  if (file !== null) {
    put(file.name, await piecesOf(qualificationReport(facts), definition, file.format));
    if (!io.json) io.out(file.name);
  }
  if (!io.json) io.out(`${passed} checks passed, ${failed} failed`);
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}

const groupHeads: Readonly<Record<CheckGroup, string>> = {
  installation: "Installation",
  operation: "Operation",
  durability: "Durability",
  records: "Records",
};

/** A line a check, as doctor has it; a head where a group begins. */
function say(
  { id, group, what, expected, seen, passed }: QualificationCheck,
  before: CheckGroup | null,
  io: Io,
): void {
  if (group !== before) io.out(`\n${groupHeads[group]}`);
  const told = seen === expected || expected === "ok";
  const words = passed
    ? `${seen}${told ? "" : ` (expected: ${expected})`}`
    : `${seen}; expected: ${expected}`;
  io.out(cleanText(`${passed ? "ok  " : "fail"}  ${id}  ${what}: ${words}`, 1000));
}

function reportFile(
  { report, data }: SelftestOptions,
  station: Station | null,
): { readonly name: string; readonly format: ReportFormat } | null {
  if (report === null) return null;
  const marking = { trial: false, simulated: "no" } as const;
  const name = outFile(
    report,
    reportFileName(`qualification ${station?.name ?? hostname()}`, marking, "pdf"),
    data,
  );
  const format = reportFormats.find((one) => `.${one}` === extname(name).toLowerCase());
  if (format === undefined)
    throw new CommandError(
      `--report: "${cleanText(report, 200)}" found, a name that ends in .pdf, .json, .csv or .xlsx was expected`,
    );
  return { name, format };
}

function machineFacts(): QualifiedMachine {
  const processors = cpus();
  const [first] = processors;
  return {
    host: hostname(),
    system: `${systemType()} ${release()} ${arch()}`,
    processor: `${processors.length} x ${first?.model.trim() ?? "unknown"}`,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.versions.node,
    sqlite: sqliteVersion(),
  };
}
