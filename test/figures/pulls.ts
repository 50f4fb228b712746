import { pull, pullBenches, transfersOf } from "../reliability/pulls.ts";
import { cases, scaled, type Count, type Figure } from "./figure.ts";

export const figure: Figure = {
  number: 5,
  what: "a board of a gang pulled at every transfer, in three ways, on each transport",
  target: "every transfer x 3 ways x UART, USB, CAN: no PASS, ends in time, 7 neighbours PASS",
  async run(share) {
    const counts: Count[] = [];
    const broken: string[] = [];
    for (const bench of pullBenches) {
      const transfers = await transfersOf(bench);
      const some = scaled(transfers, share);
      for (const way of bench.ways) {
        const all = await cases(`${bench.wire} ${way}`, some, (n) =>
          pull(bench, way, 1 + Math.floor((n * transfers) / some)),
        );
        counts.push(all.count);
        broken.push(...all.broken);
      }
    }
    return { counts, facts: [], broken };
  },
};
