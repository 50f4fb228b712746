import { expect, test } from "vitest";
import { toHex } from "../../src/lib/bytes.ts";
import { ownUid } from "../../src/model/attempt.ts";
import { lineOf } from "./line.ts";
import { recipe } from "./recipe.ts";
import { seat, uid } from "./seat.ts";

const one = recipe("STM32F103C6");

test("a board under a second label: nothing is erased, and the record says which chip lay there and whose it is", async () => {
  const board = seat(one.chip, "uart", { uid });
  const line = lineOf(one, { seatOf: () => board });
  expect((await line.run(["UNIT-0001"])).map(({ word }) => word)).toEqual(["PASS"]);
  const flash = board.board.chip().flash.slice();
  const [second] = await line.run(["UNIT-0002"]);
  expect(second?.word).toBe("UNIT_MISMATCH");
  expect(board.board.chip().flash).toEqual(flash);
  const record = second?.record ?? null;
  expect(record).toMatchObject({ barcode: "UNIT-0002", uid: toHex(uid), uidHow: "Read Memory over uart" });
  expect(record === null ? uid : ownUid(record)).toBeNull();
  expect(line.store.unitLife("UNIT-0002")).toMatchObject({ life: { uid: null } });
  expect(line.store.audit()).toMatchObject({ kind: "whole", rows: 2 });
});
