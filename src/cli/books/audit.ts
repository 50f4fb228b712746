import { statSync } from "node:fs";
import { count } from "../../lib/count.ts";
import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { readWhole } from "../../lib/read-whole.ts";
import { rawPublicKey } from "../../model/statement.ts";
import { audit } from "../../store/audit/audit.ts";
import { brokenText } from "../../store/audit/broken-text.ts";
import { openStore } from "../../store/open-store.ts";
import { StoreError } from "../../store/store-error.ts";
import type { AuditOptions, AuditReport, ChainHead } from "../../store/terms.ts";
import { CommandError } from "../complain.ts";
import { refuseMissingFolder } from "../out-file.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";

export interface AuditCall {
  /** A copied database; `null`: the data folder's. */
  readonly file: string | null;
  /** A head that was kept: `SEQ:HASH`, or a file that has one. */
  readonly head: string | null;
  /** Files with public keys of the station; it has another one after it moved to a new machine. */
  readonly keys: readonly string[];
  readonly data: string;
}

/** `audit [--file COPY]`: walks the chains of records and deeds, and holds the rest against them; says the first broken row. */
export function auditCommand({ file, head, keys, data }: AuditCall, io: Io): number {
  const heads = head === null ? {} : keptHeads(head);
  const options: AuditOptions = { ...heads, keys: keys.length === 0 ? null : keys.map(publicKeyOf) };
  const report = file === null ? auditLive(data, options) : auditFile(file, options);
  if (io.json) io.out(visibleJson({ type: "audit", ...report }));
  switch (report.kind) {
    case "whole":
      if (!io.json) for (const line of wholeLines(report, options)) io.out(line);
      return exitCodes.ok;
    case "broken":
      if (!io.json) io.out(cleanText(brokenText(report.broken), 2000));
      return exitCodes.failed;
    default:
      return report satisfies never;
  }
}

function wholeLines(report: AuditReport & { readonly kind: "whole" }, options: AuditOptions): string[] {
  const { rows, head, deeds, deedHead, signatures, keys } = report;
  const signed = count(signatures, "signature");
  return [
    `${count(rows, "record")}, chain whole`,
    ...(head === null ? [] : [`head: record ${head.seq}, ${head.hash}`]),
    ...(deedHead === null
      ? []
      : [`${count(deeds, "deed")}, chain whole`, `head: deed ${deedHead.seq}, ${deedHead.hash}`]),
    ...(keys.length === 0 ? [] : [`${signed} by ${keys.map((one) => `the key ${one}`).join(", ")}`]),
    ...(options.head === undefined && options.deedHead === undefined
      ? [
          "A tail that was cut off, or an older copy, is found only against a head that somebody else has kept: this audit cannot know (--head).",
        ]
      : ["The kept head stands in the chain."]),
    ...(keys.length === 0 || options.keys !== null
      ? []
      : ["Whether that key is the station's, this audit cannot know (--key)."]),
  ];
}

const headText = /\b(\d{1,15}):([0-9a-f]{64})\b/;

/** `SEQ:HASH`, or a file: a statement of a pack, what `audit --json` said, or a text with `SEQ:HASH` in it. */
function keptHeads(given: string): Pick<AuditOptions, "head" | "deedHead"> {
  const inLine = headText.exec(given);
  if (inLine !== null && inLine[0] === given) return { head: headOf(inLine) };
  const text = readText(given, "--head", "SEQ:HASH, or a file that has a head");
  const json = parsed(text);
  const heads = {
    ...asHead("head", json["recordHead"] ?? json["head"]),
    ...asHead("deedHead", json["deedHead"]),
  };
  if (Object.keys(heads).length > 0) return heads;
  const found = headText.exec(text);
  if (found !== null) return { head: headOf(found) };
  throw new CommandError(`--head: ${cleanText(given)} has no head, SEQ:HASH was expected in it`);
}

const headOf = ([, seq, hash = ""]: RegExpExecArray): ChainHead => ({ seq: Number(seq), hash });

function asHead<K extends string>(name: K, value: unknown): { readonly [key in K]?: ChainHead } {
  if (typeof value !== "object" || value === null || !("seq" in value) || !("hash" in value)) return {};
  const { seq, hash } = value;
  // The key is the one that was asked for.
  return typeof seq === "number" && typeof hash === "string"
    ? ({ [name]: { seq, hash } } as { [key in K]: ChainHead })
    : {};
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? { ...said } : {};
  } catch {
    return {};
  }
}

/** A key, or a line with a head; an answer of `audit --json` that somebody kept may have more. */
const mostBytes = 16 * 1024 * 1024;

function readText(file: string, option: string, expected: string): string {
  try {
    return new TextDecoder().decode(readWhole(file, mostBytes));
  } catch {
    throw new CommandError(`${option}: "${cleanText(file)}" found, ${expected} was expected`);
  }
}

/** The 32 bytes of a public key file, PEM, or the 64 hex digits themselves. */
function publicKeyOf(given: string): string {
  if (/^[0-9a-f]{64}$/.test(given)) return given;
  const raw = rawPublicKey(readText(given, "--key", "a PEM file or 64 hex digits"));
  if (raw !== null) return raw;
  throw new CommandError(`--key: ${cleanText(given)} is no Ed25519 public key in PEM`);
}

/** A file that cannot be read as our database is a mistake of whoever named it; the station is fit. */
function auditFile(file: string, options: AuditOptions): AuditReport {
  try {
    return audit(file, options);
  } catch (error) {
    if (error instanceof StoreError) throw new CommandError(error.message);
    throw error;
  }
}

function auditLive(data: string, options: AuditOptions): AuditReport {
  using store = openStore(data, { mode: "reader" });
  return store.audit(options);
}

/** `backup FILE`: a copy while the line runs, verified by its own audit. */
export async function backupCommand(file: string, data: string, io: Io): Promise<number> {
  using store = openStore(data, { mode: "reader" });
  const there = statSync(file, { throwIfNoEntry: false });
  if (there?.isFile() === false)
    throw new CommandError(
      `${file}: a ${there.isDirectory() ? "folder" : "device or a pipe"} found, the name of a file was expected`,
    );
  refuseMissingFolder(file, "");
  const report = await store.backup(file);
  io.out(
    io.json
      ? visibleJson({ type: "backup", file, ...report })
      : `${file}: ${count(report.rows, "record")}, chain whole`,
  );
  return exitCodes.ok;
}
