/** Five rows of three pixels; each octal digit is a row, 4 = left pixel (screens.md, section 3). */
const fiveRows: Readonly<Record<string, string>> = {
  "0": "75557",
  "1": "26227",
  "2": "71747",
  "3": "71317",
  "4": "55711",
  "5": "74717",
  "6": "74757",
  "7": "71122",
  "8": "75757",
  "9": "75717",
  A: "25755",
  B: "65656",
  C: "74447",
  D: "65556",
  E: "74647",
  F: "74644",
  G: "74557",
  H: "55755",
  I: "72227",
  J: "11157",
  K: "55655",
  L: "44447",
  M: "57755",
  N: "65555",
  O: "75557",
  P: "75744",
  Q: "75571",
  R: "65655",
  S: "74717",
  T: "72222",
  U: "55557",
  V: "55552",
  W: "55775",
  X: "55255",
  Y: "55222",
  Z: "71247",
  "/": "11244",
  "?": "71302",
  "-": "00700",
  "!": "22202",
  ".": "00002",
  " ": "00000",
};

/** Four rows, for tiles of 20x5: the letters of the verdicts and of SCAN. */
const fourRows: Readonly<Record<string, string>> = {
  P: "7574",
  A: "2575",
  S: "7417",
  F: "7464",
  I: "7227",
  L: "4447",
  E: "7647",
  R: "6565",
  T: "7222",
  M: "5755",
  O: "7557",
  K: "5665",
  C: "7447",
  N: "6555",
  " ": "0000",
};

export interface LetterSize {
  readonly rows: 4 | 5;
  /** Columns and screen rows of one pixel. */
  readonly wide: number;
  readonly high: number;
  /** Columns between two letters. */
  readonly gap: number;
}

/** Columns that a word takes. */
export const letteringWidth = (word: string, size: LetterSize): number =>
  Math.max(0, word.length * (3 * size.wide + size.gap) - size.gap);

/** A word as rows of ink and spaces. What has no letter here stays an empty place. */
export function lettering(word: string, size: LetterSize, ink: string): readonly string[] {
  const font = size.rows === 5 ? fiveRows : fourRows;
  const gap = " ".repeat(size.gap);
  const row = (pixelRow: number): string =>
    Array.from(word.toUpperCase())
      .map((letter) => {
        const digit = Number((Object.hasOwn(font, letter) ? font[letter] : undefined)?.[pixelRow] ?? 0);
        return [4, 2, 1].map((bit) => ((digit & bit) === 0 ? " " : ink).repeat(size.wide)).join("");
      })
      .join(gap);
  return Array.from({ length: size.rows }, (_, pixelRow) =>
    Array<string>(size.high).fill(row(pixelRow)),
  ).flat();
}
