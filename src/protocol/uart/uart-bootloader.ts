import { hex32 } from "../../lib/bytes.ts";
import { sleep } from "../../lib/clock.ts";
import type { DeviceFamily } from "../../model/family.ts";
import { Fault } from "../../model/fault.ts";
import type { Bootloader, Identity } from "../bootloader.ts";
import type { ByteLink } from "../links.ts";
import { tryRead } from "../try-read.ts";
import { exchange, replyMs } from "./commands.ts";
import { ACK, address, block, codes, extendedPageList, massErase, pageList, readCount } from "./frames.ts";

/** Time the chip gets between the last ACK of an option write and the next sync byte (section 3.12). */
const settleMs = 100;
/** A second NACK is one byte behind the first: 9 ms at the slowest rate, 1200 baud. */
const secondNackMs = 10;
/** stm32flash splits lists here; some loaders refuse 512 (section 3.9). Short lists also show progress. */
const longestList = 64;

/**
 * The UART loader of a board whose line is open: brought up by a reset through the slot's lines where it has them, then
 * the sync byte. The line is the loader's from now on: a board that does not come up closes it.
 */
export async function uartBootloader(link: ByteLink, baud: number, signal: AbortSignal): Promise<Bootloader> {
  const wire = exchange(link, baud);
  let family: DeviceFamily | null = null;
  let eraseCode: number = codes.extendedErase;
  let everRead = false;

  try {
    await link.resetToLoader(signal);
    await wire.sync(signal);
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }

  const has = (quirk: Parameters<DeviceFamily["quirks"]["has"]>[0]): boolean =>
    family?.quirks.has(quirk) ?? false;

  /** A memory command under read protection is refused at its code; later a refusal is only a refusal. */
  async function memoryCommand(code: number, what: string, stop: AbortSignal): Promise<void> {
    if (await wire.command(code, stop)) return;
    // The second NACK of such a chip must not be taken for the answer to what comes next (section 8).
    if (has("double-nack-rdp")) await sleep(link.clock, secondNackMs, stop);
    if (!everRead) throw new Fault("PROTECTED", `${what} is refused: read protection is on`);
    throw refused(`${what}, at its command`);
  }

  async function read(at: number, length: number, stop: AbortSignal): Promise<Uint8Array> {
    const what = `Read Memory of ${length} bytes at ${hex32(at)}`;
    await memoryCommand(codes.read, what, stop);
    if (!(await wire.frame(address(at), what, stop))) throw refused(`${what}, at its address`);
    if (!(await wire.frame(readCount(length), what, stop))) throw refused(`${what}, at its length`);
    const bytes = await wire.answer(length, what, stop);
    everRead = true;
    return bytes;
  }

  const isRefusal = ({ code }: Fault): boolean =>
    code === "CHIP_REFUSED" || (code === "LINK_SILENT" && has("silent-abort"));

  async function write(at: number, bytes: Uint8Array, stop: AbortSignal): Promise<void> {
    const what = `Write Memory of ${bytes.length} bytes at ${hex32(at)}`;
    await memoryCommand(codes.write, what, stop);
    if (!(await wire.frame(address(at), what, stop))) throw refused(`${what}, at its address`);
    const limit = replyMs + (family?.deadlines.writeBlockMs ?? 1000);
    if (!(await wire.frame(block(bytes), what, stop, limit))) throw refused(`${what}, at its data`);
  }

  return {
    wire: "uart",
    clock: link.clock,
    blockBytes: 256,
    get repeats() {
      return wire.repeats();
    },
    get unitsPerErase() {
      return has("one-page-per-erase") ? 1 : longestList;
    },
    async identify(stop): Promise<Identity> {
      const got = await get(stop);
      eraseCode = got.commands.includes(codes.erase) ? codes.erase : codes.extendedErase;
      if (!(await wire.command(codes.getId, stop))) throw refused("Get ID");
      const [more = 0] = await wire.answer(1, "Get ID", stop);
      const id = await wire.answer(more + 2, "Get ID", stop);
      // Before V2.1 an F1 may answer one byte only: the high one is always 4 (section 8).
      const productId = more === 0 ? 0x400 | (id[0] ?? 0) : ((id[0] ?? 0) << 8) | (id[1] ?? 0);
      return { productId, protocolVersion: got.version, memoryStrings: [], usbSerial: null };
    },
    adopt(known) {
      family = known;
    },
    async erase(sectors, stop) {
      const pages = sectors.map((sector) => sector.index);
      const what = `Erase of ${pages.length === 1 ? "unit" : "units"} ${pages.join(", ")}`;
      await memoryCommand(eraseCode, what, stop);
      const list = eraseCode === codes.erase ? pageList(pages) : extendedPageList(pages);
      const unit = family?.deadlines.eraseUnitMs ?? 5000;
      const next = family?.deadlines.nextUnitMs ?? 5000;
      if (!(await wire.frame(list, what, stop, unit + (pages.length - 1) * next))) throw refused(what);
      if (has("early-erase-ack")) await sleep(link.clock, pages.length * next, stop);
    },
    async eraseAll(stop) {
      await memoryCommand(eraseCode, "mass erase", stop);
      const frame = eraseCode === codes.erase ? massErase.short : massErase.extended;
      const limit = family?.deadlines.massEraseMs ?? 40_000;
      if (!(await wire.frame(frame, "mass erase", stop, limit))) throw refused("mass erase");
    },
    write,
    read,
    tryRead: (at, length, stop) => tryRead({ family, read, isRefusal }, at, length, stop),
    async writeOptions(option, stop) {
      await write(option.address, option.bytes, stop);
      await sleep(link.clock, settleMs, stop);
    },
    async unprotect(stop) {
      const limit = family?.deadlines.unprotectMs ?? 40_000;
      if (!(await wire.command(codes.readUnprotect, stop))) throw refused("Readout Unprotect");
      // The second ACK comes before or after the mass erase, or never (section 3.11): all three are right.
      try {
        await wire.answer(1, "Readout Unprotect", stop, limit);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== "LINK_SILENT" || stop.aborted) throw error;
      }
      await sleep(link.clock, settleMs, stop);
    },
    resetToApplication: (stop) => link.resetToApplication(stop),
    async launch(at, stop) {
      await memoryCommand(codes.go, `Go to ${hex32(at)}`, stop);
      if (!(await wire.frame(address(at), `Go to ${hex32(at)}`, stop))) throw refused(`Go to ${hex32(at)}`);
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };

  /** Get: some loaders announce more commands than they send (section 3.2), so the closing ACK decides. */
  async function get(stop: AbortSignal): Promise<{ version: number; commands: readonly number[] }> {
    if (!(await wire.command(codes.get, stop))) throw refused("Get");
    const [count = 0, version = 0] = await wire.answer(2, "Get", stop);
    const commands: number[] = [];
    while (commands.length <= count) {
      const [byte] = await wire.answer(1, "Get", stop);
      if (byte === ACK) return { version, commands };
      commands.push(byte ?? 0);
    }
    throw new Fault("LINK_NOISE", `Get did not end after ${count} commands`);
  }
}

function refused(what: string): Fault {
  return new Fault("CHIP_REFUSED", `NACK to ${what}`);
}
