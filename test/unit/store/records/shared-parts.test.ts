import { expect, test } from "vitest";
import { sharedParts } from "../../../../src/store/records/shared-parts.ts";
import { attemptOf, failed } from "../../../report/some-batch.ts";

test("records that share their parts say the same as before, and keep what they have in common once", () => {
  const all = [
    attemptOf(1),
    attemptOf(2),
    attemptOf(3, { steps: [], outcome: failed("LINK_SILENT", ""), chip: null, images: [] }),
    attemptOf(4, { serials: [] }),
    attemptOf(5, { startedAt: attemptOf(4).startedAt }),
  ].map((one, i, every) => ({ ...one, previousHash: every[i - 1]?.hash ?? one.previousHash }));
  const alone = structuredClone(all);
  const shared = all.map(sharedParts());
  expect(shared).toEqual(alone);
  const [first, second] = shared;
  expect(second?.images).toBe(first?.images);
  expect(second?.chip).toBe(first?.chip);
  expect(second?.steps[0]).toBe(first?.steps[0]);
});
