import { checkGroups, type CheckGroup, type QualificationCheck } from "../../model/qualification.ts";
import { errorText } from "../../lib/thrown.ts";
import { endsAll, type Checks, type Told } from "./check.ts";
import type { SelftestBench } from "./bench.ts";
import { durability } from "./durability.ts";
import { installation } from "./installation.ts";
import { operation } from "./operation.ts";
import { records } from "./records.ts";
import { refused } from "./refusals.ts";
import { serials } from "./serials.ts";

/** The checks of each group; a file each. */
export const groupChecks: Readonly<Record<CheckGroup, readonly ((bench: SelftestBench) => Checks)[]>> = {
  installation: [installation],
  operation: [operation, serials, refused],
  durability: [durability],
  records: [records],
};

/**
 * All checks in their order, each with its number, as soon as it is known. What breaks off in a group is a check that
 * failed; the next group goes on. Throws the reason of the signal, and what ends all checks, such as a full disk.
 */
export async function* qualify(
  bench: SelftestBench,
  groups = groupChecks,
): AsyncGenerator<QualificationCheck, void, undefined> {
  for (const group of checkGroups) {
    let n = 0;
    const numbered = (told: Told): QualificationCheck => {
      n += 1;
      return { id: `${group.slice(0, 1).toUpperCase()}${String(n).padStart(2, "0")}`, group, ...told };
    };
    for (const checks of groups[group]) {
      try {
        for await (const told of checks(bench)) {
          bench.io.signal.throwIfAborted();
          yield numbered(told);
        }
      } catch (error) {
        bench.io.signal.throwIfAborted();
        if (endsAll(error)) throw error;
        const seen = `it broke off: ${errorText(error)}`;
        yield numbered({
          what: "The checks of this group go on to their end",
          expected: "they do",
          seen,
          passed: false,
        });
      }
    }
  }
}
