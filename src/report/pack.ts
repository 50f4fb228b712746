import { createHash } from "node:crypto";
import { linkText, type Link } from "../model/chain.ts";
import type { BatchHead } from "../model/facts.ts";
import type { ZipFile } from "../lib/zip.ts";

/** What a pack is made of beside the facts. */
export interface PackParts {
  readonly facts: BatchHead;
  readonly records: Iterable<Link>;
  readonly deeds: Iterable<Link>;
  readonly profileText: string | null;
  readonly images: readonly { readonly file: string; readonly sha256: string }[];
  /** Reports by their names. */
  readonly reports: readonly { readonly name: string; readonly pieces: Iterable<Uint8Array> }[];
  /** PEM; `null` where the batch is not signed. */
  readonly publicKey: string | null;
  /** `docs/chain.md`, with the checker in it. */
  readonly chainDocument: string;
}

const utf8 = (text: string): Uint8Array => Buffer.from(text, "utf8");

function* lines(links: Iterable<Link>): Generator<Uint8Array> {
  for (const link of links) yield utf8(`${linkText(link)}\n`);
}

/** The checker as it stands in the document. Throws when the document has none. */
export function checkerOf(document: string): string {
  const code = /^```python\n([^]*?)^```$/m.exec(document)?.[1];
  if (code === undefined) throw new Error("docs/chain.md has no checker");
  return code;
}

/** The files of a pack in their order, each with its hash in SHA256SUMS, which comes last. */
export function* packFiles(parts: PackParts): Generator<ZipFile> {
  const sums: string[] = [];
  for (const { name, pieces } of contents(parts)) {
    const hash = createHash("sha256");
    yield { name, pieces: counted(pieces, hash) };
    sums.push(`${hash.digest("hex")}  ${name}\n`);
  }
  yield { name: "SHA256SUMS", pieces: [utf8(sums.join(""))] };
}

function* counted(pieces: Iterable<Uint8Array>, hash: ReturnType<typeof createHash>): Generator<Uint8Array> {
  for (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

function* contents(parts: PackParts): Generator<ZipFile> {
  const { facts, records, deeds, profileText, images, reports, publicKey, chainDocument } = parts;
  const { signature } = facts;
  const text = (name: string, words: string): ZipFile => ({ name, pieces: [utf8(words)] });

  yield text("README.txt", readme(parts));
  yield text("batch.json", `${JSON.stringify(factsAlone(facts), null, 2)}\n`);
  yield { name: "records.jsonl", pieces: lines(records) };
  const signed = signature === null ? null : deedPlace(signature.statement);
  const later: Link[] = [];
  yield { name: "deeds.jsonl", pieces: lines(upTo(deeds, signed, later)) };
  if (later.length > 0) yield { name: "deeds-after-signing.jsonl", pieces: lines(later) };
  if (profileText !== null) yield text("profile.yaml", profileText);
  yield text("images.sha256", images.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(""));
  for (const { name, pieces } of reports) yield { name: `reports/${name}`, pieces };
  if (signature !== null && publicKey !== null) {
    yield text("statement.json", signature.statement);
    yield { name: "statement.sig", pieces: [Buffer.from(signature.signature, "hex")] };
    yield text("station.pub.pem", publicKey);
  }
  yield text("chain.md", chainDocument);
  yield text("check.py", checkerOf(chainDocument));
}

/** Place of the last deed that a statement covers. */
function deedPlace(statement: string): number | null {
  const said = JSON.parse(statement) as { readonly deedHead: { readonly seq: number } | null };
  return said.deedHead?.seq ?? null;
}

function* upTo(links: Iterable<Link>, last: number | null, later: Link[]): Generator<Link> {
  for (const link of links)
    if (last === null || link.seq <= last) yield link;
    else later.push(link);
}

/** The facts without the deeds and the signature, which stand in their own files. */
function factsAlone(facts: BatchHead): object {
  const { deeds: _deeds, signature: _signature, ...rest } = facts;
  return rest;
}

function readme({ facts, publicKey }: PackParts): string {
  const { batch, counts, figures, head } = facts;
  const marks = [batch.trial ? "TRIAL" : "", facts.simulated ? "SIMULATED" : ""].filter(
    (mark) => mark !== "",
  );
  const state =
    batch.closedAt === null
      ? "open: later units are not in this pack"
      : `closed ${batch.closedAt.toISOString()} by ${batch.closedBy ?? ""}`;
  return `Traceability pack of batch ${batch.id}${marks.length === 0 ? "" : ` (${marks.join(", ")})`}

product   ${batch.product}
profile   ${batch.profile} revision ${batch.revision}, hash ${batch.profileHash}
batch     opened ${batch.openedAt.toISOString()} by ${batch.openedBy}; ${state}
units     ${counts.passed} passed, ${counts.failed} failed; ${figures.voided} attempts void, ${figures.scrapped} units scrapped
head      ${head === null ? "none" : `record ${head.seq}, ${head.hash}`}
signed    ${publicKey === null ? "no: a batch is signed when it is closed" : "yes, statement.json by the key in station.pub.pem"}

What is in it

  records.jsonl    one line for each attempt, as it was hashed
  deeds.jsonl      what people did with this batch and its units: opening, voids, reworks, closing
  batch.json       the counts, and what is void, reworked or scrapped, with reasons
  profile.yaml     the recipe as it ran; images.sha256 has the firmware images by hash
  reports/         the same facts to read
  statement.json   what the station has signed; statement.sig is the signature, 64 bytes
  chain.md         how records are hashed and signed; check.py is the checker out of it

How to check it, without any program of ours

  unzip PACK.zip -d pack && cd pack
  sha256sum -c SHA256SUMS
  python3 check.py ../PACK.zip
${
  publicKey === null
    ? ""
    : `  openssl pkeyutl -verify -pubin -inkey station.pub.pem -rawin -in statement.json -sigfile statement.sig
  cut -c10-73 records.jsonl | sha256sum     must be records.sha256 in statement.json
  cut -c10-73 deeds.jsonl | sha256sum       must be deeds.sha256 in statement.json

The last two say that nothing of the batch was left out. Compare station.pub.pem with the station's key as it came to
you on another way: the key in this pack proves nothing by itself.
`
}`;
}
