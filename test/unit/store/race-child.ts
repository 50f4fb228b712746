// Reserves numbers one after another, without the lock of the folder; prints each.
import { openBooks } from "../../../src/store/open-store.ts";

const [, , folder = "", name = "", count = "0"] = process.argv;
const options = { station: name, timezone: null, toolVersion: "0.1.0" };
const store = openBooks(
  folder,
  options,
  () => new Date(),
  () => {},
);
for (let i = 0; i < Number(count); i += 1) {
  const specs = [
    {
      kind: "serial",
      series: "race",
      start: 1,
      end: null,
      text: (n: number) => `R-${n}`,
      policy: "consume-on-success",
    },
  ] as const;
  const [unit] = store.reserveGang([{ barcode: `${name}-${i}`, realm: "line", specs }]);
  process.stdout.write(`${unit?.[0]?.text}\n`);
}
store.close();
