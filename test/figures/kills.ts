import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SerialPolicy } from "../../src/model/profile.ts";
import { judgedKills } from "../kill/judged.ts";
import { lackingHits } from "../kill/table.ts";
import { builtHere } from "../tools/program.ts";
import { atEnd } from "../tools/at-end.ts";
import { ptyHere } from "../unit/sim/os/pty-here.ts";
import { NotHere, scaled, type Figure } from "./figure.ts";

/** One line of boards for each policy; they run at the same time, for most of theirs is the boards' own. */
const policies: readonly SerialPolicy[] = ["consume-on-success", "burn-on-failure", "keep-existing"];
const slots = 6;
/** So many kills must find numbers reserved, numbers written and commits often enough; fewer may miss one by chance. */
const manyKills = 200;

export const figure: Figure = {
  number: 1,
  what: "kill -9 at moments spread over a gang run, restart, compare with the chips' flash",
  target: "1 000 kills: no number in two chips, no PASS that was shown without its record, chain whole",
  async run(share) {
    if (!ptyHere || !builtHere()) throw new NotHere('it needs ptys, and the built program: "npm run build"');
    const folder = mkdtempSync(join(tmpdir(), "gangflash-kills-"));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const rounds = Math.ceil(scaled(1000, share) / policies.length);
    const lines = await Promise.all(
      policies.map((policy) =>
        judgedKills({ rounds, slots, policy, name: policy, folder: mkdtempSync(join(folder, "line-")) }),
      ),
    );
    const kills = lines.flatMap(({ end }) => end.kills);
    const broken = lines.flatMap(({ complaints }, i) => complaints.map((text) => `${policies[i]}: ${text}`));
    if (kills.length >= manyKills) broken.push(...lackingHits({ kills }));
    const sum = (of: (line: (typeof lines)[number]) => number): number =>
      lines.reduce((total, line) => total + of(line), 0);
    return {
      counts: [{ of: "kills", wanted: rounds * policies.length, seen: kills.length }],
      facts: [
        `${kills.filter(({ late }) => late).length} came after the end of their run`,
        `${sum(({ books }) => books.numbers.length)} numbers, ${sum(({ end }) => end.chips.length)} chips, ${sum(({ end }) => end.printed.length)} times PASS was shown`,
      ],
      broken,
    };
  },
};
