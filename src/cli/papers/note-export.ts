import { basename } from "node:path";
import { cleanText } from "../../lib/clean-text.ts";
import { newDeed } from "../../model/deed.ts";
import { recordBeside } from "../../store/record-beside.ts";
import { StoreError } from "../../store/store-error.ts";
import type { Io } from "../io.ts";
import { person } from "../person.ts";

export interface Export {
  /** `null`: of more than one batch. */
  readonly batch: string | null;
  /** `pdf`, `csv`, `pack`… */
  readonly format: string;
  readonly file: string;
  readonly sha256: string;
  readonly by: string | null;
  readonly data: string;
}

/** Writes down that papers were carried out. Books that only can be read, such as a copy, do not hold up the papers. */
export function noteExport({ batch, format, file, sha256, by, data }: Export, io: Io): void {
  try {
    const detail = { format, file: cleanText(basename(file), 120), sha256 };
    recordBeside(data, newDeed("exported", new Date(), person(by), { batch, detail }));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    io.err(`note: this export is not in the audit log: ${error.message}`);
  }
}
