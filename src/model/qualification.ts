/** What a qualification looks at, in its order. */
export const checkGroups = ["installation", "operation", "durability", "records"] as const;
export type CheckGroup = (typeof checkGroups)[number];

/** One requirement, and what this machine did about it. */
export interface QualificationCheck {
  /** `O07`: letter of the group, number in it, in the order of this run. */
  readonly id: string;
  readonly group: CheckGroup;
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly passed: boolean;
}

/** The machine as it told itself. */
export interface QualifiedMachine {
  readonly host: string;
  readonly system: string;
  readonly processor: string;
  readonly memoryMiB: number;
  readonly node: string;
  readonly sqlite: string;
}

/** The program's own files: a hash over the name and the SHA-256 of each. */
export interface InstalledProgram {
  readonly version: string;
  readonly files: number;
  readonly sha256: string;
}

/** A whole run of `gangflash selftest`: evidence that this program works on this machine and this disk. */
export interface Qualification {
  readonly program: InstalledProgram;
  readonly machine: QualifiedMachine;
  /** Name and hash of the station file; `null`: none was named. */
  readonly station: { readonly name: string; readonly hash: string } | null;
  /** IANA name; `null`: the system's. */
  readonly timezone: string | null;
  /** The data folder whose disk was tried. */
  readonly data: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** The same seed draws the same images and the same moments of the kills again. */
  readonly seed: number;
  readonly kills: number;
  readonly checks: readonly QualificationCheck[];
}

export function countChecks(checks: readonly QualificationCheck[]): {
  readonly passed: number;
  readonly failed: number;
} {
  const passed = checks.filter((check) => check.passed).length;
  return { passed, failed: checks.length - passed };
}
