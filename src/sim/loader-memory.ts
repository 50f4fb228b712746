import type { Sector } from "../model/memory.ts";
import type { SimBoard } from "./board.ts";

/** What came of a write; `none`: nobody is there to answer any more. */
export interface Stored {
  readonly answer: "ack" | "nack" | "none";
  readonly ms: number;
  /** Option bytes: the chip resets behind its last ACK. */
  readonly resets: boolean;
}

/** The memory of a simulated board as the UART and CAN loaders use it. Strict: see `complaints` of the chip. */
export interface LoaderMemory {
  locked(): boolean;
  allowed(use: "read" | "write" | "go", address: number): boolean;
  read(address: number, length: number): Uint8Array | null;
  store(address: number, data: Uint8Array): Stored;
  /** Time of the erase, ms. */
  erasePages(numbers: readonly number[]): number;
  /** `null`: this loader refuses it. */
  eraseAll(): number | null;
  complain(why: string): void;
}

export function loaderMemory(board: SimBoard): LoaderMemory {
  const quirks = (): ReadonlySet<string> => board.chip().spec.family.quirks;
  const refused: Stored = { answer: "nack", ms: 0, resets: false };

  function complain(why: string): void {
    board.chip().complaints.push(why);
  }

  /** 0xFFFF0000: voltage range, then three bytes 0xFF (AN2606, section 4.4). */
  function setWidth(data: Uint8Array): Stored {
    const width = [1, 2, 2, 4, 8][data[0] ?? 255];
    if (width === undefined || data.subarray(1).some((byte) => byte !== 0xff)) return refused;
    board.chip().setProgramWidth(width);
    return { answer: "ack", ms: 0, resets: false };
  }

  return {
    complain,
    locked: () => board.chip().protection() !== 0,
    allowed(use, address) {
      const chip = board.chip();
      if (address === chip.spec.family.deviceFeature) return use !== "go";
      const area = chip.area(address);
      if (use === "go") return area === "flash" || area === "ram";
      if (use === "write") return area === "flash" || area === "ram" || area === "options";
      return area !== "none";
    },
    read(address, length) {
      return address === board.chip().spec.family.deviceFeature
        ? new Uint8Array(length)
        : board.read(address, length);
    },
    store(address, data) {
      const chip = board.chip();
      if (address === chip.spec.family.deviceFeature) return setWidth(data);
      if (chip.area(address) === "options") {
        const work = chip.writeOptions(address, data);
        return work.refused === null ? { answer: "ack", ms: work.ms, resets: true } : refused;
      }
      if (data.length % 4 !== 0 || address % 4 !== 0) {
        complain(`write of ${data.length} bytes at ${address.toString(16)}: not in words`);
        return refused;
      }
      const { answer, ms } = board.write(address, data);
      return { answer, ms, resets: false };
    },
    erasePages(numbers) {
      const chip = board.chip();
      const { sectors } = chip.map();
      const pages = numbers
        .map((n) => sectors.find((sector) => sector.index === n))
        .filter((sector): sector is Sector => sector !== undefined);
      if (pages.length < numbers.length) complain("erase of a page that the chip has not");
      const onlyFirst = quirks().has("one-page-per-erase") && pages.length > 1;
      if (onlyFirst) complain("more than one page in an erase that takes one");
      return (onlyFirst ? pages.slice(0, 1) : pages).reduce((sum, page) => sum + chip.erase(page).ms, 0);
    },
    eraseAll: () => (quirks().has("no-mass-erase") ? null : board.chip().eraseAll().ms),
  };
}
