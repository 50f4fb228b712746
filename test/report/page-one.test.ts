import { describe, expect, test } from "vitest";
import { codeModules } from "../../src/report/paper/code-modules.ts";
import { sealText } from "../../src/report/paper/seal.ts";
import { blocksOf, only, pairsOf } from "./block-readers.ts";
import { attemptOf, factsOf } from "./some-batch.ts";

const good = factsOf(Array.from({ length: 8 }, (_, i) => attemptOf(i + 1)));

describe("made", () => {
  test("the three figures are those of the counts, with the interval of the first pass", () => {
    const facts = {
      ...good,
      counts: { ...good.counts, passed: 240, seen: 246, firstPass: 236, firstSeen: 246 },
    };
    const [block] = only(blocksOf("made", facts), "figures");
    expect(block?.figures).toEqual([
      { label: "PASSED", figure: "240/240", notes: ["units passed, of those wanted"] },
      {
        label: "FIRST PASS",
        figure: "95.9%",
        notes: ["236 of 246 units first seen here", "Wilson 95%: 92.7 to 97.8"],
      },
      { label: "FINAL", figure: "97.6%", notes: ["240 of 246 units tried"] },
    ]);
  });

  test("what was made is named: recipe, image with range and hash, settings, place, people, both clocks", () => {
    const pairs = pairsOf(blocksOf("made", good));
    const [first] = good.attempts;
    expect(pairs.get("Profile")).toBe("vesc-60, revision C");
    expect(pairs.get("Released")).toBe(
      "2026-11-21 06:00:00, UTC 2026-11-21T05:00:00Z, by M. Lang, reviewed by A. Kim",
    );
    expect(pairs.get("Profile hash")).toBe(`SHA-256 ${good.batch.profileHash}`);
    expect(pairs.get("Image")).toBe("firmware/vesc-60.bin; 0x08000000 to 0x0803FFFF (262144 bytes)");
    expect(pairs.get("")).toBe(`SHA-256 ${first?.images[0]?.sha256}`);
    expect(pairs.get("Chip settings wanted")).toBe("RDP 0xAA, BOR_LEV 0, nRST_STOP 1");
    expect(pairs.get("Serial numbers")).toBe(
      "series vesc-60; 8 committed, 0 void; V60-2647-00001 to V60-2647-00008",
    );
    expect(pairs.get("Operator")).toBe("A. Weiß");
    expect(pairs.get("Tool")).toBe("gangflash 0.1.0");
    expect(pairs.get("Opened")).toBe("2026-11-22 05:50:00, UTC 2026-11-22T04:50:00Z, by J. Ortega");
    expect(pairs.get("Units")).toBe("8 tried: 8 passed (0 marginal), 0 not passed");
  });

  test("an open batch says that its figures may change", () => {
    const open = { ...good, batch: { ...good.batch, closedAt: null, closedBy: null } };
    expect(pairsOf(blocksOf("made", open)).get("Closed")).toMatch(/^not closed/);
  });

  test("a batch is signed by the roles of the definition; a trial by nobody", () => {
    expect(only(blocksOf("made", good), "foot")[0]?.sign).toEqual([
      "Line lead: name, date, signature",
      "Quality: name, date, signature",
    ]);
    const trial = factsOf([attemptOf(1, { trial: true })]);
    expect(only(blocksOf("made", trial), "foot")[0]?.sign).toEqual([]);
  });

  test("the sealed text is the head of the chain; simulated boards and empty batches have none", () => {
    const { head } = good;
    expect(only(blocksOf("made", good), "foot")[0]?.seal).toBe(
      `gangflash1 line1-bench 8 ${head?.hash} 2026-11-22T05:00:14Z`,
    );
    expect(sealText(factsOf([attemptOf(1), attemptOf(2, { realm: "sim" })]))).toBeNull();
    expect(sealText(factsOf([]))).toBeNull();
  });

  test("a blank in the station's name does not shift the fields of the sealed text", () => {
    const text = sealText(factsOf([attemptOf(1, { station: "Linie 1 ü" })]));
    expect(text?.split(" ").length).toBe(5);
    expect(decodeURIComponent(text?.split(" ")[1] ?? "")).toBe("Linie 1 ü");
  });

  test("simulated boards show no range of serial numbers", () => {
    const facts = factsOf([attemptOf(1, { realm: "sim" })]);
    expect(pairsOf(blocksOf("made", facts)).get("Serial numbers")).toMatch(/shadow/);
  });
});

test("the modules of a code begin with the finder: left and lower edge dark, upper edge alternating", () => {
  const rows = codeModules("datamatrix", "gangflash1 line1 1 00 2026-11-22T05:02:28Z");
  expect(rows.every((row) => row.length === rows.length)).toBe(true);
  expect(rows.every((row) => row[0])).toBe(true);
  expect(rows.at(-1)?.every(Boolean)).toBe(true);
  expect(rows[0]?.every((dark, x) => dark === (x % 2 === 0))).toBe(true);
});
