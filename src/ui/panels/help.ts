import type { Right } from "../../model/person.ts";
import type { Mark } from "../line.ts";
import { cut } from "../text.ts";
import { signOf } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import { columnsOf } from "./page.ts";
import type { Page, PageScene } from "./page.ts";

/** The keys, the colours, the symbols; what this person may not do is not there (screens.md, 3.14). */
export function helpPage({ view, theme, columns }: PageScene): Page {
  const { words } = theme;
  const { keys } = words;
  const may = (right: Right): boolean => view.rights.includes(right);
  const lead = [
    ...(may("retire-slot") ? [`${keys.F5} ${say(words, "helpSlots")} *`] : []),
    ...(may("close-order") ? [`${keys.F6} ${say(words, "helpOrder")} *`] : []),
    ...(may("override") ? [`${keys.F7} ${say(words, "helpType")} *`] : []),
    ...(may("accept-first-article") ? [`${keys.F8} ${say(words, "helpReject")} *`] : []),
  ];
  const pair = (a: string, aDoes: string, b: string, bDoes: string): Mark[] =>
    columnsOf(
      [
        [1, a.toUpperCase()],
        [Math.max(9, a.length + 2), aDoes],
        [44, b.toUpperCase()],
        [52, bDoes],
      ],
      columns,
    );
  const signs = say(words, "helpSigns", {
    pass: signOf("PASS", theme).symbol,
    fail: signOf("FAIL", theme).symbol,
  });
  const whole = (text: string): readonly Mark[] => [{ at: 1, text: cut(text, columns - 2) }];
  return [
    pair(keys.Enter, say(words, "helpEnter"), keys.Esc, say(words, "helpEsc")),
    pair(keys.Space, say(words, "helpSpace"), keys.Arrows, say(words, "helpArrows")),
    columnsOf(
      [
        [1, `${keys.F2} ${say(words, "helpNumbers")}`],
        [15, `${keys.F3} ${say(words, "helpDetails")}`],
        [44, `${keys.F4} ${say(words, "helpLookUp")}`],
      ],
      columns,
    ),
    ...(lead.length === 0 ? [] : [whole(lead.join("    "))]),
    columnsOf(
      [
        [1, `${keys.F9} ${say(words, "helpLogOut")}`],
        [15, `${keys["Ctrl-C"]} ${say(words, "helpLeave")}`],
        ...(lead.length === 0 ? [] : ([[57, say(words, "helpLead")]] as const)),
      ],
      columns,
    ),
    [],
    whole(say(words, "helpColours")),
    whole(signs),
    [],
    whole(say(words, "helpGloves")),
  ];
}
