import { random, replay, type Random } from "./random.ts";

/** What does something to a terminal, a spreadsheet, a path, or an eye. */
const pieces: readonly string[] = [
  "\u001b[31;1m",
  "\u001b[2J\u001b[H",
  "\u001b[?1049h",
  "\u001b[6n",
  "\u001b]0;owned\u0007",
  "\u001b]8;;http://evil.example\u0007here\u001b]8;;\u0007",
  "\u001b]52;c;cm0gLXJm\u0007",
  "\u001bP+q544e\u001b\\",
  "\u001b_Gi=1\u001b\\",
  "\u001bc",
  "\u009b31m",
  "\u009d0;owned\u009c",
  "\u0090q\u009c",
  "\u0085",
  "\u0007",
  "\b\b\b\b",
  "\r",
  "\n",
  "\r\n",
  "\t",
  "\u000b",
  "\u000c",
  "\u007f",
  "\0",
  "\u202egnp.exe",
  "\u202d",
  "\u2066",
  "\u2069",
  "\u200e",
  "\u200f",
  "\u061c",
  "\u200b",
  "\u200c",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u00ad",
  "\u034f",
  "\u180e",
  "\u3164",
  "\u115f",
  "\ufe0f",
  "\u{e0041}",
  "\u2028",
  "\u2029",
  "\u00a0",
  "\ud800",
  "\udc00",
  "\ue000",
  "\ufffe",
  "=cmd|' /C calc'!A0",
  "+1+1",
  "-2+3",
  "@SUM(A1)",
  '=HYPERLINK("http://evil")',
  "＝1",
  "＋1",
  "－1",
  "＠A",
  "\t=1",
  " =1",
  '"=1',
  ";=1+1",
  "../../../../etc/passwd",
  "..\\..\\boot.ini",
  "/etc/shadow",
  "C:\\Windows",
  "file:///etc/passwd",
  "~root",
  "NUL",
  "con.pdf",
  ".hidden",
  "-rf",
  "<script>",
  "'; DROP TABLE records; --",
  "%s%n",
  "${HOME}",
  "`id`",
  "$(id)",
  "{serial}",
  "\\u001b[31m",
];
const harmless: readonly string[] = ["UNIT-0001", "A", "Müller", "零件", "🔥"];

function hostile(dice: Random): string {
  const parts = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(pieces));
  if (dice.chance(0.4)) parts.splice(dice.below(parts.length + 1), 0, dice.pick(harmless));
  if (dice.chance(0.03)) parts.push("A".repeat(10_000));
  return parts.join("");
}

/** A hostile string, and how to see it again. */
export interface Hostile {
  readonly text: string;
  readonly what: string;
}

export const hostileStrings = (name: string, from: number, count: number): Hostile[] =>
  Array.from({ length: count }, (_, n) => {
    const i = from + n;
    const text = hostile(random(`${name} ${i}`));
    return { text, what: replay(`${name} ${i}, ${JSON.stringify(text.slice(0, 80))}`) };
  });

/** Controls, separators, what cannot be seen, what turns the line round, half characters. */
const unseen = /[\p{Cc}\u00a0\u2028\u2029\ue000-\uf8ff\p{Cf}\p{DI}\p{Cs}\p{Cn}]/u;
/** The same, but for the blank. */
export const harmful = (text: string): boolean => unseen.test(text);
