import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorText } from "../../lib/thrown.ts";
import { cleanText } from "../../lib/clean-text.ts";
import { inspectBooks, inspectFolder, locksHold, type BooksInspection } from "../../store/file/inspect.ts";
import { databaseName } from "../../store/open-store.ts";
import { leastFreeBytes } from "../../store/file/room.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** A shift's records fit into a part of it; below, somebody should look. */
const comfortableBytes = 1024 ** 3;
/** File systems whose locks and syncs are another machine's promise. */
const networkKinds =
  /^(nfs|nfs4|cifs|smb3|smbfs|9p|afs|ceph|glusterfs|fuse\.(sshfs|glusterfs|ceph|s3fs|rclone))$/;

/** The data folder and the books in it; read beside a running line, and left as they are. */
export function checkData(folder: string, machine: Machine): Finding[] {
  if (!existsSync(folder)) return [notThere(folder, machine), fileSystem(folder, machine)];
  let inspected: ReturnType<typeof inspectFolder>;
  try {
    inspected = inspectFolder(folder);
  } catch (error) {
    return [fail("data folder", errorText(error), `ls -ld ${folder}`)];
  }
  return [
    writable(folder, inspected.holder, machine),
    fileSystem(folder, machine),
    room(inspected.freeBytes),
    ...books(folder),
  ];
}

function notThere(folder: string, machine: Machine): Finding {
  let parent = dirname(folder);
  while (!existsSync(parent)) parent = dirname(parent);
  if (machine.mayUse(parent) === true) return ok("data folder", `${folder} is made by the first run`);
  const seen = `${folder} is not there, and this user may not make it in ${parent}`;
  return fail("data folder", seen, `sudo install -d -m 0750 -o "$USER" ${folder}`);
}

function writable(folder: string, holder: { readonly pid: number } | null, machine: Machine): Finding {
  const runs =
    holder !== null && machine.text(`/proc/${holder.pid}/comm`) !== null
      ? `; a line runs in it, process ${holder.pid}`
      : "";
  try {
    return locksHold(folder)
      ? ok("data folder", `${folder} can be written and locked${runs}`)
      : fail(
          "data folder",
          `${folder}: locks of this file system keep nobody out`,
          "gangflash --data DIR on a local disk",
        );
  } catch (error) {
    return fail("data folder", errorText(error), `sudo chown -R "$USER" ${folder}`);
  }
}

function fileSystem(folder: string, machine: Machine): Finding {
  const kind = fileSystemOf(folder, machine);
  if (kind === null) return ok("file system", "this system does not tell its kind");
  return networkKinds.test(kind)
    ? fail(
        "file system",
        `${kind}: a network's word that data is on the disk cannot be trusted`,
        "gangflash --data DIR on a local disk",
      )
    : ok("file system", kind);
}

/** Of the longest mount point above the folder; the last one mounted there counts. */
function fileSystemOf(folder: string, machine: Machine): string | null {
  const path = machine.real(folder) ?? folder;
  let best: { readonly length: number; readonly kind: string } | null = null;
  for (const line of (machine.text("/proc/self/mounts") ?? "").split("\n")) {
    const [, point = "", kind = ""] = line.split(" ");
    const at = point.replaceAll("\\040", " ");
    const inside = at === "/" || path === at || path.startsWith(`${at}/`);
    if (at !== "" && inside && at.length >= (best?.length ?? 0)) best = { length: at.length, kind };
  }
  return best?.kind ?? null;
}

function room(freeBytes: number): Finding {
  const mib = Math.floor(freeBytes / 2 ** 20);
  const seen = `${mib >= 10_240 ? `${Math.floor(mib / 1024)} GiB` : `${mib} MiB`} free`;
  const mend = "make room, or gangflash --data DIR on another disk";
  if (freeBytes < leastFreeBytes) return fail("disk", `${seen}: no run would be begun`, mend);
  return freeBytes < comfortableBytes ? warn("disk", seen, mend) : ok("disk", seen);
}

function books(folder: string): Finding[] {
  const file = join(folder, databaseName);
  if (!existsSync(file)) return [ok("books", "none yet; the first run begins them")];
  const restore = `gangflash audit --file COPY of the newest backup, then put that copy in place of ${file}`;
  let seen: BooksInspection;
  try {
    seen = inspectBooks(file);
  } catch (error) {
    return [fail("books", errorText(error), restore)];
  }
  const { quickCheck, journalMode, isFull } = seen;
  const isWhole = quickCheck.length === 1 && quickCheck[0] === "ok";
  return [
    isWhole
      ? ok("books", `${file}: quick_check is ok`)
      : fail("books", `${file}: ${cleanText(quickCheck.join("; "), 200)}`, restore),
    journalMode === "wal" && isFull
      ? ok("durability", "write-ahead log, synchronous=FULL")
      : warn(
          "durability",
          `journal_mode ${journalMode}${isFull ? "" : ", synchronous is not FULL"}; the next run sets both`,
          null,
        ),
  ];
}
