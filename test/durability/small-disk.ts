import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { must } from "../reliability/random.ts";
import { program } from "../tools/program.ts";

/** An ordinary user may mount a small disk for himself here: user namespaces of Linux. */
export const smallDiskHere =
  spawnSync("unshare", ["-rm", "bash", "-c", "mount -t tmpfs none /mnt"]).status === 0;

const profile = `profile: small
revision: A
product: { name: Board }
chip: STM32F405
images:
  - { file: fw.bin, at: 0x08000000 }
serial: { series: small, format: "S-{n:05}" }
data:
  - { name: serial, at: 0x08003F00, as: ascii, length: 16, value: "{serial}" }
`;

const slots = ["A1", "A2", "A3"];

/** Files of a bench, and books with an open batch. */
export function smallDiskBench(folder: string): void {
  const at = (name: string): string => join(folder, name);
  const list = slots
    .map((name) => `  - { name: ${name}, port: "sim:STM32F405:uart", pace: real }\n`)
    .join("");
  writeFileSync(at("station.yaml"), `station: small\nslots:\n${list}`);
  writeFileSync(at("profile.yaml"), profile);
  const image = new Uint8Array(1024).fill(0x5a);
  image.set([0x00, 0x20, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08]);
  writeFileSync(at("fw.bin"), image);
  mkdirSync(at("disk"));
  mkdirSync(at("data"));
  const words = ["batch", "open", "WO-1", "--profile", at("profile.yaml"), "--data", at("data")];
  const opened = spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
  if (opened.status !== 0) throw new Error(opened.stderr);
}

/**
 * A disk is made, which has no room for what the books keep for a running tray (src/store/file/room.ts); it fills up but for some
 * KiB once a gang has begun; then there is room again, and another gang runs. The books are kept as they are after each.
 */
const script = String.raw`
gang() {
  "$3" "$4" run --json --data "$2/disk" --station "$2/station.yaml" --profile "$2/profile.yaml" --batch WO-1 \
    --unit "A1=$5-1" --unit "A2=$5-2" --unit "A3=$5-3" > "$2/$5.out" 2> "$2/$5.err"
}
keep() { mkdir -p "$2/$5" && cp "$2"/disk/gangflash.db* "$2/$5"; }
mount -t tmpfs -o size=26m none "$2/disk" && cp "$2"/data/* "$2/disk" || exit 9
gang "$@" full & gang=$!
while ! grep -q '"step"' "$2/full.out"; do kill -0 $gang || break; sleep 0.01; done
head -c 64m /dev/zero > "$2/disk/fill" 2> /dev/null
truncate -s -"$1"k "$2/disk/fill"
wait $gang
echo "full $?"
keep "$@" full
gang "$@" still
echo "still $?"
rm "$2/disk/fill"
gang "$@" free
echo "free $?"
keep "$@" free
`;

export interface SmallDiskEnd {
  /** There was no room for the record of one unit at least. */
  readonly full: boolean;
}

/**
 * The built program on a disk that leaves so many KiB to a gang that has begun. Throws where a PASS was said without a row,
 * where a full disk is not told, where the next gang is not turned away with exit code 3, or where the line does not go on
 * by itself once there is room.
 */
export function onSmallDisk(folder: string, kib: number): SmallDiskEnd {
  const words = ["-rm", "bash", "-c", script, "small", String(kib), folder, process.execPath, program];
  const run = spawnSync("unshare", words, { encoding: "utf8" });
  const code = (round: string): number =>
    Number(new RegExp(`^${round} (\\d+)$`, "m").exec(run.stdout)?.[1] ?? Number.NaN);
  const said = (round: string): string => readText(join(folder, `${round}.err`));
  const units = (round: string): Unit[] => unitsIn(readText(join(folder, `${round}.out`)));
  const what = `${kib} KiB left`;

  for (const round of ["full", "free"]) {
    const rows = rowsOf(join(folder, round, "gangflash.db"));
    for (const { barcode, serial, outcome } of units(round))
      must(
        outcome !== "PASS" || rows.has(`${barcode} ${serial}`),
        `${what}: ${barcode} passed without a row`,
      );
  }
  must(
    units("full").length === slots.length,
    `${what}: ${units("full").length} units ended. ${said("full")}${run.stderr}`,
  );
  for (const { barcode, outcome, failure } of units("full"))
    must(outcome === "PASS" || failure?.code === "RECORD_FAILED", `${what}: ${barcode}: ${failure?.code}`);
  const full = units("full").some(({ outcome }) => outcome !== "PASS");
  must(code("full") === (full ? 1 : 0), `${what}: exit code ${code("full")}`);
  must(
    code("still") === 3 && said("still").includes("room") && units("still").length === 0,
    `${what}: the next gang ended with ${code("still")}: ${said("still")}`,
  );
  must(
    code("free") === 0 && units("free").length === slots.length,
    `${what}: once there was room, exit code ${code("free")}: ${said("free")}`,
  );
  return { full };
}

interface Unit {
  readonly barcode: string;
  readonly outcome: string;
  readonly serial: string | null;
  readonly failure: { readonly code: string } | null;
}

const readText = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

const unitsIn = (out: string): Unit[] =>
  out
    .split("\n")
    .filter((line) => line.startsWith('{"type":"unit"'))
    .map((line) => JSON.parse(line) as Unit);

function rowsOf(file: string): Set<string> {
  const db = new Database(file);
  try {
    must(db.pragma("integrity_check", { simple: true }) === "ok", `${file} does not hold together`);
    const sql = "SELECT barcode || ' ' || serial FROM records WHERE outcome = 'PASS'";
    return new Set(db.prepare<[], string>(sql).pluck().all());
  } finally {
    db.close();
  }
}
