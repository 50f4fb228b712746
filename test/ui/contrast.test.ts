import { describe, expect, test } from "vitest";
import { colourMode, paintRow, themeOf } from "../../src/ui/theme.ts";
import type { ColourMode, Role } from "../../src/ui/theme.ts";

type Palette = readonly string[];
const hex = (text: string): Palette => text.split(" ");

/** The first sixteen colours are the terminal's own. */
const palettes: Readonly<Record<string, Palette>> = {
  xterm: hex(
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
  ),
  "Linux console": hex(
    "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
  ),
  GNOME: hex(
    "2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec",
  ),
  Windows: hex(
    "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2",
  ),
};
const grounds = {
  dark: { letter: "ffffff", ground: "000000" },
  light: { letter: "000000", ground: "ffffff" },
};

/** Relative luminance (WCAG 2, 1.4.3). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** The colours from 16 on are everywhere the same: a cube of six steps, then greys. */
function fixed(index: number, palette: Palette): string {
  const part = (value: number): string => value.toString(16).padStart(2, "0");
  if (index < 16) return palette[index] ?? "";
  if (index >= 232) return part(8 + 10 * (index - 232)).repeat(3);
  const step = (at: number): number => (at === 0 ? 0 : 55 + 40 * at);
  const cube = index - 16;
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((at) => part(step(at))).join("");
}

interface Look {
  readonly letter: string;
  readonly ground: string;
  readonly text: string;
}

/** What a terminal makes of a paint. */
function lookOf(
  role: Role,
  colour: ColourMode,
  palette: Palette,
  own: { letter: string; ground: string },
): Look {
  const painted = paintRow([{ text: "#", role }], themeOf(colour));
  const found = /^(?:<([\d;]*)m)?(.)/.exec(painted.replaceAll("\x1b[", "<"));
  const codes = (found?.[1] ?? "").split(";").map(Number);
  let { letter, ground } = own;
  let reverse = false;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 0) ({ letter, ground } = own);
    else if (code === 7) reverse = true;
    else if (code === 38) letter = fixed(codes[(i += 2)] ?? 0, palette);
    else if (code === 48) ground = fixed(codes[(i += 2)] ?? 0, palette);
    else if (code >= 30 && code <= 37) letter = fixed(code - 30, palette);
    else if (code >= 90 && code <= 97) letter = fixed(code - 82, palette);
    else if (code >= 40 && code <= 47) ground = fixed(code - 40, palette);
    else if (code >= 100 && code <= 107) ground = fixed(code - 92, palette);
    else throw new Error(`the paint of ${role} has a code that no terminal need know: ${code}`);
  }
  const text = found?.[2] ?? "";
  return reverse ? { letter: ground, ground: letter, text } : { letter, ground, text };
}

/** Text that must be read (black on GNOME's green is the weakest: 3.6), and lettering of cells, which is large. */
const least = { text: 3.5, cells: 3 };

const cases = (["256", "16"] as const).flatMap((colour) =>
  Object.entries(palettes).flatMap(([terminal, palette]) =>
    Object.entries(grounds).map(([screen, own]) => ({ colour, terminal, palette, screen, own })),
  ),
);

describe.each(cases)("$colour colours, $terminal, $screen", ({ colour, palette, own }) => {
  const look = (role: Role): Look => lookOf(role, colour, palette, own);

  test.each(["plain", "quiet", "passWord", "act", "look", "rehearsal"] as const)(
    "the text of %s reads",
    (role) => {
      const { letter, ground } = look(role);
      expect(contrast(letter, ground)).toBeGreaterThanOrEqual(least.text);
    },
  );

  test.each(["passCell", "runCell", "restCell"] as const)(
    "%s stands out from the screen's own ground",
    (role) => {
      const { letter, ground, text } = look(role);
      const marks = text === " " ? 0 : contrast(letter, ground);
      const seen = contrast(ground, own.ground) >= least.cells || marks >= least.text;
      expect(seen).toBe(true);
    },
  );

  test.each([
    ["actCell", "act"],
    ["lookCell", "look"],
    ["rehearsalCell", "rehearsal"],
  ] as const)("%s stands out from its field", (cell, field) => {
    expect(contrast(look(cell).ground, look(field).ground)).toBeGreaterThanOrEqual(least.cells);
  });
});

test("a terminal that knows no bright colours writes white on red all the same", () => {
  const known = paintRow([{ text: "x", role: "act" }], themeOf("16")).replaceAll(/;(9|10)\d/g, "");
  expect(known).toBe("\x1b[0;41;37mx\x1b[m");
});

test.each([
  [{ TERM: "xterm-256color" }, "256"],
  [{ TERM: "xterm", COLORTERM: "truecolor" }, "256"],
  [{ TERM: "screen" }, "16"],
  [{ TERM: "linux" }, "16"],
  [{ TERM: "xterm-256color", FORCE_COLOR: "1" }, "16"],
  [{ TERM: "xterm", FORCE_COLOR: "2" }, "256"],
  [{ TERM: "xterm-256color", FORCE_COLOR: "0" }, "none"],
  [{ TERM: "xterm-256color", NO_COLOR: "1", FORCE_COLOR: "3" }, "none"],
  [{ TERM: "xterm-256color", NO_COLOR: "" }, "256"],
  [{ TERM: "vt220" }, "none"],
  [{ TERM: "xterm-mono" }, "none"],
  [{ TERM: "dumb" }, "none"],
] as const)("%o is painted with %s", (env, mode) => {
  expect(colourMode(env)).toBe(mode);
});
