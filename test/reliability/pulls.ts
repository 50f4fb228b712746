import type { AttemptEvent } from "../../src/model/event.ts";
import type { Wire } from "../../src/model/family.ts";
import { asCase } from "../tools/at-end.ts";
import { lineOf, type LineEnd } from "./line.ts";
import { must, random, replay } from "./random.ts";
import { imageOf, optionFields, recipe, wrongInMemory, type Recipe } from "./recipe.ts";
import { seat, type Seat } from "./seat.ts";
import { decidedMs, handMs, isAway, slackMs, troubleAt, type Trouble, type TroubleAt } from "./wires.ts";

/** Transports, and the three ways in which a board leaves each. */
export const pullBenches = [
  { chip: "STM32F103C6", wire: "uart", ways: ["gone", "silent", "adapter gone"] },
  { chip: "STM32F072CB", wire: "usb", ways: ["gone", "silent", "stall"] },
  { chip: "STM32F405", wire: "can", ways: ["gone", "silent", "adapter gone"] },
] as const satisfies readonly { chip: string; wire: Wire; ways: readonly Trouble[] }[];
export type PullBench = (typeof pullBenches)[number];

const pulled = "UNIT-PULLED";
const neighbours = Array.from({ length: 7 }, (_, i) => `UNIT-000${i + 1}`);

const smallRecipe = (chip: string): Recipe =>
  recipe(chip, { image: imageOf(600), dataAt: 0x1010, options: new Map([["nRST_STOP", 0]]) });

function gangOf({ chip, wire }: PullBench) {
  let boards = 0;
  const fresh = (): Seat => {
    boards += 1;
    return seat(chip, wire, { uid: new Uint8Array(12).fill(0x30 + boards) });
  };
  return { one: smallRecipe(chip), wire, fresh };
}

/** Transfers of one unit that nobody disturbs. */
export async function transfersOf(bench: PullBench): Promise<number> {
  return await asCase(async () => {
    const { one, wire, fresh } = gangOf(bench);
    const own = fresh();
    const count = troubleAt(own, "gone", 0, random("none"));
    const [end] = await lineOf(one, { wire, seatOf: () => own, tamperOf: () => count }).run(["UNIT-0001"]);
    must(end?.word === "PASS", `an undisturbed unit: ${end?.word}`);
    return count.transfers();
  });
}

/**
 * A gang of eight whose first board is pulled at transfer `i` (from 1). Throws unless the seven others pass, the pulled one
 * ends in time, without a PASS unless it had been launched, and passes when it is put in again. The chips' memory judges.
 */
export async function pull(bench: PullBench, way: Trouble, i: number): Promise<void> {
  await asCase(async () => {
    const { one, wire, fresh } = gangOf(bench);
    const what = replay(`${bench.wire}, ${way} at transfer ${i}`);
    const seats = new Map([pulled, ...neighbours].map((barcode) => [barcode, fresh()]));
    const seatOf = (barcode: string): Seat => seats.get(barcode) ?? fresh();
    const own = seatOf(pulled);
    const before = optionFields(own.board);
    const trouble = troubleAt(own, way, i, random(`${bench.chip} ${way} ${i}`));
    let hand: TroubleAt | null = trouble;
    let launchAt = Number.POSITIVE_INFINITY;
    const line = lineOf(one, {
      wire,
      seatOf,
      tamperOf: (barcode) => (barcode === pulled ? (hand ?? {}) : {}),
      show(unit, event: AttemptEvent) {
        if (unit.barcode === pulled && event.type === "step" && event.step === "launch")
          launchAt = Math.min(launchAt, event.ms);
      },
    });
    const right = ({ barcode, serial }: LineEnd): void => {
      const unit = { number: Number(serial?.slice(-5)), text: serial ?? "" };
      const wrong = wrongInMemory(seatOf(barcode).board, one, unit, before);
      must(wrong === null, `${what}: ${barcode} passed, and ${wrong}`);
    };

    const ends = await line.run([pulled, ...neighbours]);
    for (const end of ends.slice(1)) {
      must(end.word === "PASS", `${what}: its neighbour ${end.barcode}: ${end.word}`);
      right(end);
    }
    const [first] = ends;
    if (first === undefined) throw new Error(what);
    const since = trouble.since() ?? Number.NaN;
    must(
      own.clock.now() - since < decidedMs + slackMs,
      `${what}: ${first.word} ${own.clock.now() - since} ms later`,
    );
    if (first.outcome.kind === "PASS") {
      must(!isAway(way) || since >= launchAt, `${what}: PASS of a board that was away`);
      right(first);
    }
    must(own.openLinks() === 0, `${what}: a link is open`);

    hand = null;
    own.clock.pass(handMs);
    own.replug();
    const [again] = await line.run([pulled]);
    must(again?.outcome.kind === "PASS", `${what}: ${first.word}, and put in again ${again?.word}`);
    if (again !== undefined) right(again);
  });
}
