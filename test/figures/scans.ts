import { hostileStrings } from "../reliability/hostile-strings.ts";
import { hostilePlaces } from "../reliability/hostile-places.ts";
import { must, replay } from "../reliability/random.ts";
import { codeOf, stalledScans } from "../ui/scans.ts";
import { cases, scaled, type Count, type Figure } from "./figure.ts";

/** A page, a file of a sheet: so many strings lie in one. */
const groupOf = 20;

export const figure: Figure = {
  number: 8,
  what: "scans while the event loop stands still; hostile strings in six places",
  target: "10 000 scans with stalls of 0 to 200 ms, all exact; 5 000 strings, none acts anywhere",
  async run(share) {
    const wanted = scaled(10_000, share);
    const { heard, stalls, longestMs } = await stalledScans(wanted);
    const scans = await cases("scans", wanted, (i) =>
      must(
        heard[i] === codeOf(i),
        replay(`${JSON.stringify(codeOf(i))} was read as ${JSON.stringify(heard[i])}`),
      ),
    );
    const counts: Count[] = [scans.count];
    const broken = [...scans.broken];
    if (heard.length > wanted) broken.push(`${heard.length - wanted} inputs that nobody made`);
    const strings = scaled(5000, share);
    for (const place of await hostilePlaces()) {
      const groups = await cases(place.name, Math.ceil(strings / groupOf), (i) =>
        place.look(hostileStrings("text", i * groupOf, Math.min(groupOf, strings - i * groupOf))),
      );
      const seen = groups.count.seen === groups.count.wanted ? strings : groups.count.seen * groupOf;
      counts.push({ of: `strings, ${place.name}`, wanted: strings, seen });
      broken.push(...groups.broken);
    }
    return { counts, facts: [`${stalls} stalls of up to ${longestMs.toFixed(0)} ms`], broken };
  },
};
