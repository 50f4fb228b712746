import type { KeptDeed } from "../../src/model/deed.ts";
import type { BatchFacts } from "../../src/model/facts.ts";
import { factsOf, largeBatch } from "./some-batch.ts";

/** One deed; `over` says what is different. */
export function deedOf(seq: number, over: Partial<KeptDeed> = {}): KeptDeed {
  return {
    seq,
    kind: "unit-voided",
    at: new Date(Date.UTC(2026, 10, 22, 7, seq)),
    by: "M. Lang",
    role: "quality",
    realm: "line",
    batch: "WO-4711",
    barcode: null,
    slot: null,
    detail: {},
    previousHash: "0".repeat(64),
    hash: "1".repeat(64),
    ...over,
  };
}

/** A batch of 240 units on which people decided: three records void, a rework, a scrap, a slot retired. */
export function decidedBatch(): BatchFacts {
  const attempts = largeBatch(240);
  const deeds = [
    deedOf(1, { kind: "first-article-accepted", barcode: "UNIT-04001" }),
    ...[14, 38, 101].map((record, i) => {
      const { barcode = "", attempt = 1 } = attempts[record - 1] ?? {};
      return deedOf(i + 2, { barcode, detail: { record, attempt, reason: "operator held the wrong tray" } });
    }),
    deedOf(5, { kind: "unit-reworked", barcode: "UNIT-04007", detail: { reason: "U3 soldered again" } }),
    deedOf(6, { kind: "unit-scrapped", barcode: "UNIT-04030", detail: { reason: "pad torn off" } }),
    deedOf(7, { kind: "slot-retired", slot: "A3", detail: { station: "line1-bench", reason: "worn pins" } }),
  ];
  const marks = (kind: KeptDeed["kind"]): BatchFacts["scraps"] =>
    deeds.flatMap(({ kind: of, barcode, detail, by, at }) =>
      of === kind ? [{ barcode: barcode ?? "", reason: String(detail["reason"]), by, at }] : [],
    );
  const voids = deeds.flatMap((deed) =>
    deed.kind === "unit-voided"
      ? [
          {
            seq: Number(deed.detail["record"]),
            attempt: 1,
            barcode: deed.barcode ?? "",
            reason: String(deed.detail["reason"]),
            by: deed.by,
            at: deed.at,
          },
        ]
      : [],
  );
  return factsOf(attempts, {
    deeds,
    voids,
    reworks: marks("unit-reworked"),
    scraps: marks("unit-scrapped"),
    figures: { attempts: attempts.length - 4, retried: 3, reworked: 2, scrapped: 1, voided: 3 },
    signature: {
      statement: '{"batch":"WO-4711","head":246}',
      signature: "ab".repeat(64),
      publicKey: "cd".repeat(32),
    },
  });
}
