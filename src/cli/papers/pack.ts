import { readFileSync } from "node:fs";
import { fileNamePart, visibleJson } from "../../lib/clean-text.ts";
import { writeZip } from "../../lib/zip.ts";
import type { BatchHead } from "../../model/facts.ts";
import { publicKeyPem } from "../../model/statement.ts";
import { standardReport } from "../../report/definition.ts";
import { reportFileName, type ReportFormat } from "../../report/file-name.ts";
import { packFiles, type PackParts } from "../../report/pack.ts";
import { openStore } from "../../store/open-store.ts";
import type { StoreReader } from "../../store/store.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { outFile } from "../out-file.ts";
import { noteExport } from "./note-export.ts";
import { foundBatch } from "../order/open-order.ts";
import { piecesOf } from "./report.ts";
import { reportOn } from "./report-about.ts";
import { putFile } from "./put-file.ts";
import { shipped } from "../shipped.ts";

export interface PackOptions {
  readonly batch: string;
  /** File, folder, or `null`: a name of its own in the current folder. */
  readonly out: string | null;
  readonly pdf: boolean;
  readonly by: string | null;
  readonly data: string;
}

/** `pack BATCH`: everything of a batch in one zip that anybody can check. The file is there whole or not at all. */
export async function packCommand(options: PackOptions, io: Io): Promise<number> {
  using store = openStore(options.data, { mode: "reader" });
  foundBatch(store, options.batch);
  const facts = store.batchHead(options.batch);
  if (facts === null) throw new CommandError(`there is no batch ${options.batch}`);
  const parts = await partsOf(store, facts, options.pdf, io);
  const file = outFile(options.out, `${fileNamePart(facts.batch.id)}.zip`, options.data);
  const { bytes, sha256 } = putFile(file, "the pack", (take) => writeZip(packFiles(parts), take));
  noteExport({ batch: facts.batch.id, format: "pack", file, sha256, by: options.by, data: options.data }, io);
  if (facts.signature === null)
    io.err("note: the batch is open, so this pack is not signed; gangflash batch close signs it");
  io.out(
    io.json
      ? visibleJson({ type: "pack", batch: facts.batch.id, file, bytes, sha256 })
      : `${file}: ${sha256}`,
  );
  return exitCodes.ok;
}

async function partsOf(store: StoreReader, facts: BatchHead, pdf: boolean, io: Io): Promise<PackParts> {
  const { id, profileHash } = facts.batch;
  const profile = store.profileOf(profileHash);
  const one = async (format: ReportFormat): Promise<PackParts["reports"][number]> => {
    const report = reportOn({ kind: "batch", batch: id }, store, format);
    return {
      name: reportFileName(report.subject, report.marking, format),
      pieces: await piecesOf(report, standardReport, format),
    };
  };
  // The rows of the table are read while they are packed.
  const reports: PackParts["reports"][number][] = [await one("csv")];
  if (pdf)
    try {
      reports.push(await one("pdf"));
    } catch (error) {
      // A character that the fonts do not have spoils the page, not the proof.
      if (!(error instanceof CommandError)) throw error;
      io.err(`note: the pack has no PDF: ${error.message}`);
    }
  return {
    facts,
    records: store.links("records", facts.batch.id),
    deeds: store.links("deeds", facts.batch.id),
    profileText: profile?.text ?? null,
    images: profile?.images ?? imagesOf(store, id),
    reports,
    publicKey: facts.signature === null ? null : publicKeyPem(facts.signature.publicKey),
    chainDocument: readFileSync(shipped("docs/chain.md"), "utf8"),
  };
}

/** Images as the records have them, for a profile that was kept before they were written down with it. */
function imagesOf(store: StoreReader, batch: string): PackParts["images"] {
  const all = new Map<string, PackParts["images"][number]>();
  for (const { images } of store.records(batch)) for (const one of images) all.set(one.sha256, one);
  return [...all.values()].map(({ file, sha256 }) => ({ file, sha256 }));
}
