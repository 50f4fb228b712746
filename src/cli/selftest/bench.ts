import type { InstalledProgram } from "../../model/qualification.ts";
import type { Machine } from "../doctor/machine.ts";
import type { audit } from "../../store/audit/audit.ts";
import type { openConnection } from "../../store/file/connection.ts";
import type { Io } from "../io.ts";
import type { packCommand } from "../papers/pack.ts";
import type { reportCommand } from "../papers/report.ts";
import type { runCommand } from "../line/run.ts";
import type { Dice } from "./dice.ts";
import type { Seams } from "./stand.ts";

/** The program's own commands, as the line and the office call them; tests put faulty ones in their place. */
export interface Commands {
  readonly run: typeof runCommand;
  readonly report: typeof reportCommand;
  readonly pack: typeof packCommand;
  readonly audit: typeof audit;
  /** How the books are opened: with the settings that their promises rest on. */
  readonly openBooks: typeof openConnection;
}

/** What every group of checks works with. */
export interface SelftestBench {
  /** The qualification's own folder, on the disk of the data folder. */
  readonly folder: string;
  /** The data folder of the line: looked at, never written. */
  readonly data: string;
  readonly dice: Dice;
  /** How many gang runs are killed. */
  readonly kills: number;
  /** Says nothing; its signal is that of Ctrl-C. */
  readonly io: Io;
  readonly machine: Machine;
  readonly installed: InstalledProgram;
  /** What starts the installed program as a process of its own, and the words before the command's. */
  readonly program: readonly [program: string, ...words: string[]];
  readonly seams: Seams;
  readonly commands: Commands;
}
