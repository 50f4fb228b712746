import type { Qualification, QualificationCheck } from "../../src/model/qualification.ts";

const group = (name: QualificationCheck["group"], count: number): QualificationCheck[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `${name.slice(0, 1).toUpperCase()}${String(i + 1).padStart(2, "0")}`,
    group: name,
    what: `USB DFU, older ROM: another board lies there in the middle (swapAt), case ${i + 1}`,
    expected: "FAIL BOARD_CHANGED; neighbours PASS",
    seen: `${"0123456789abcdef".repeat(4)}; neighbours PASS`,
    passed: true,
  }));

/** A long one, of which these checks failed. */
export function qualificationOf(failed: readonly string[] = []): Qualification {
  const checks = [
    ...group("installation", 15),
    ...group("operation", 99),
    ...group("durability", 7),
    ...group("records", 15),
  ];
  return {
    program: { version: "0.1.0", files: 118, sha256: "5f0c2a91".repeat(8) },
    machine: {
      host: "line1",
      system: "Linux 6.12.0 x64",
      processor: "4 x Intel(R) Core(TM) i5-8500T CPU @ 2.10GHz",
      memoryMiB: 15_900,
      node: "24.21.0",
      sqlite: "3.54.1",
    },
    station: { name: "line1-bench", hash: "cd".repeat(32) },
    timezone: "Europe/Berlin",
    data: "/var/lib/gangflash",
    startedAt: new Date("2026-11-26T08:00:00Z"),
    endedAt: new Date("2026-11-26T08:00:43Z"),
    seed: 7,
    kills: 10,
    checks: checks.map((check) =>
      failed.includes(check.id) ? { ...check, passed: false, seen: "PASS; neighbours PASS" } : check,
    ),
  };
}
