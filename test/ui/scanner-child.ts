// A scanner: each code in one piece with its end, now and then several at once; as many as the command line says.
import { random } from "../reliability/random.ts";
import { codeOf } from "./scans.ts";

const count = Number(process.argv[2]);
const dice = random("scanner");
const ends = ["\r", "\n", "\r\n"] as const;
const end = dice.pick(ends);
for (let i = 0; i < count;) {
  for (let burst = dice.chance(0.1) ? 5 : 1; burst > 0 && i < count; burst -= 1, i += 1)
    process.stdout.write(codeOf(i) + end);
  await new Promise((done) => void setTimeout(done, dice.below(8)));
}
