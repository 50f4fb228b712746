import type { Block, Figure } from "../block.ts";
import { barPieces, histogramPieces, intervalPieces, stackPieces } from "./compose-charts.ts";
import { tablePieces } from "./compose-table.ts";
import type { Logo } from "../definition.ts";
import { baseMm, hairline, lineMm, type Box, type Mark, type Setter } from "./mark.ts";
import { codeModules } from "./code-modules.ts";
import { fitted, line, wrap } from "./set-text.ts";
import { strip, type Piece } from "./strip.ts";
import { tag, tagOfText } from "./tag.ts";

const titleMm = 7.5;

/** A block to pieces with a height, in order. Text is cleaned and broken into lines here. */
export function* piecesOf(blocks: Iterable<Block>, setter: Setter): Generator<Piece> {
  for (const block of blocks) yield* compose(block, setter);
}

function compose(block: Block, setter: Setter): Iterable<Piece> {
  switch (block.type) {
    case "title":
      return title(block.text, block.under, block.logo, setter);
    case "figures":
      return figures(block.figures, setter);
    case "section":
      return head(block.text, block.keep, true, setter);
    case "head":
      return head(block.text, block.keep, false, setter);
    case "text":
      return paragraph(block.text, block.bold, block.ink, setter);
    case "pairs":
      return pairs(block.pairs, setter);
    case "table":
      return tablePieces(block.columns, block.rows, setter);
    case "histogram":
      return histogramPieces(block, setter);
    case "bars":
      return barPieces(block.bars, setter);
    case "intervals":
      return intervalPieces(block.rows, block.all, setter);
    case "stack":
      return stackPieces(block.parts, setter);
    case "foot":
      return foot(block.sign, block.seal, setter);
    case "gap":
      return [block];
    case "page":
      return [block];
    default:
      return block satisfies never;
  }
}

function rule(setter: Setter, y: number): Mark {
  const { left, right } = setter.sheet;
  return { type: "line", x1: left, y1: y, x2: right, y2: y, weight: hairline, ink: "black" };
}

/** Largest size of a logo on paper, mm. */
const logoBox = { width: 40, height: 12 };

function logoPlace({ width, height }: Logo, right: number, y: number): Box {
  const scale = Math.min(logoBox.width / width, logoBox.height / height);
  return { x: right - width * scale, y, width: width * scale, height: height * scale };
}

function* title(text: string, under: string, logo: Logo | null, setter: Setter): Generator<Piece> {
  const { left: x, right } = setter.sheet;
  const place = logo === null ? null : logoPlace(logo, right, 0);
  const width = (place?.x ?? right) - x - (place === null ? 0 : 4);
  const titles = wrap(setter, text, width, 15, true);
  const unders = wrap(setter, under, width, 8.5, true);
  const [h1, p] = [tagOfText("H1", titles, text), tagOfText("P", unders, under)];
  // One strip where a logo stands beside the words: they must not part.
  const high = titles.length * titleMm + unders.length * lineMm;
  if (logo !== null && place !== null) {
    const height = Math.max(high, place.height);
    const picture = tag("Figure", null, { alt: "Logo" });
    yield strip(height, (y) => [
      { type: "image", bytes: logo.bytes, ...logoPlace(logo, right, y), tag: picture },
      ...titles.map((words, i) =>
        line(setter, words, y + i * titleMm + 5.6, { x, width, size: 15, bold: true, tag: h1 }),
      ),
      ...unders.map((words, i) =>
        line(setter, words, y + titles.length * titleMm + i * lineMm + baseMm, {
          x,
          width,
          bold: true,
          tag: p,
        }),
      ),
    ]);
  } else {
    for (const words of titles)
      yield strip(
        titleMm,
        (y) => [line(setter, words, y + 5.6, { x, width, size: 15, bold: true, tag: h1 })],
        {
          keep: 3 * lineMm,
        },
      );
    for (const words of unders)
      yield strip(lineMm, (y) => [line(setter, words, y + baseMm, { x, width, bold: true, tag: p })], {
        keep: lineMm,
      });
  }
  yield strip(lineMm, (y) => [rule(setter, y + 1.4)]);
}

function figures(all: readonly Figure[], setter: Setter): Piece[] {
  const { left, right } = setter.sheet;
  const each = (right - left) / all.length;
  const width = each - 4;
  const places = all.map((figure, i) => ({
    x: left + i * each,
    figure,
    tags: [tag("P"), tag("P")] as const,
    note: figure.notes.flatMap((note) => {
      const lines = wrap(setter, note, width, 8.5, false);
      const own = tagOfText("P", lines, note);
      return lines.map((words) => ({ words, own }));
    }),
  }));
  const deep = Math.max(...places.map(({ note }) => note.length));
  const height = lineMm + titleMm + deep * lineMm + 2.3;
  return [
    strip(height, (y) =>
      places.flatMap(({ x, figure, note, tags }) => [
        line(setter, figure.label, y + baseMm, { x, width, bold: true, tag: tags[0] }),
        fitted(setter, figure.figure, y + lineMm + 5.4, { x, width, size: 15, tag: tags[1] }),
        ...note.map(({ words, own }, i) =>
          line(setter, words, y + lineMm + titleMm + i * lineMm + baseMm, {
            x,
            width,
            ink: "grey",
            tag: own,
          }),
        ),
      ]),
    ),
    strip(lineMm, (y) => [rule(setter, y + 1.4)]),
  ];
}

function* head(text: string, keep: number, section: boolean, setter: Setter): Generator<Piece> {
  const { left: x, right } = setter.sheet;
  const lines = wrap(setter, text, right - x, 8.5, true);
  const height = lines.length * lineMm + (section ? 2.3 : 0.9);
  const title = tagOfText(section ? "H2" : "H3", lines, text);
  yield strip(
    height,
    (y) => [
      ...lines.map((words, i) =>
        line(setter, words, y + i * lineMm + baseMm, { x, width: right - x, bold: true, tag: title }),
      ),
      ...(section ? [rule(setter, y + lines.length * lineMm + 0.3)] : []),
    ],
    { keep, bookmark: section ? lines.join(" ") : null },
  );
}

function* paragraph(text: string, bold: boolean, ink: "black" | "grey", setter: Setter): Generator<Piece> {
  const { left: x, right } = setter.sheet;
  const lines = wrap(setter, text, right - x, 8.5, bold);
  const p = tagOfText("P", lines, text);
  for (const words of lines)
    yield strip(lineMm, (y) => [line(setter, words, y + baseMm, { x, width: right - x, bold, ink, tag: p })]);
}

const labelMm = 38;
/** Lines of one value that stay on one page. */
const together = 8;

function* pairs(all: readonly (readonly [string, string])[], setter: Setter): Generator<Piece> {
  const { left, right } = setter.sheet;
  const x = left + labelMm;
  const width = right - x;
  const table = tag("Table");
  for (const { label, values } of labelled(all)) {
    const labels = wrap(setter, label, labelMm - 1.5, 8.5, false);
    const set = values.map((value) => wrap(setter, value, width, 8.5, false));
    const row = tag("TR", table, { cells: 2 });
    const th = tagOfText("TH", labels, label, row, { scope: "Row" });
    const td = tagOfText("TD", set.flat(), values.join(" "), row, { at: 1 });
    for (const [i, own] of set.entries()) {
      const beside = i === 0 ? labels : [];
      const lines = Math.max(beside.length, own.length);
      for (let from = 0; from < lines; from += together) {
        const part = Array.from({ length: Math.min(together, lines - from) }, (_, n) => n);
        const under = { x: left, width: labelMm - 1.5, ink: "grey", tag: th } as const;
        yield strip(part.length * lineMm, (y) => [
          ...part.flatMap((n) => lineAt(setter, beside[from + n], y + n * lineMm, under)),
          ...part.flatMap((n) => lineAt(setter, own[from + n], y + n * lineMm, { x, width, tag: td })),
        ]);
      }
    }
  }
}

/** A value without a label belongs to the one above it. */
function labelled(all: readonly (readonly [string, string])[]): { label: string; values: string[] }[] {
  const groups: { label: string; values: string[] }[] = [];
  for (const [label, value] of all) {
    const last = groups.at(-1);
    if (label === "" && last !== undefined) last.values.push(value);
    else groups.push({ label, values: [value] });
  }
  return groups;
}

function lineAt(
  setter: Setter,
  text: string | undefined,
  y: number,
  place: Parameters<typeof line>[3],
): Mark[] {
  return text === undefined || text === "" ? [] : [line(setter, text, y + baseMm, place)];
}

/** Edge of one module of the Data Matrix, mm; its quiet zone is two modules. */
const moduleMm = 0.5;
const quietMm = 1;
const signMm = 12;

function foot(sign: readonly string[], seal: string | null, setter: Setter): Piece[] {
  const { left, right } = setter.sheet;
  const rows = seal === null ? [] : codeModules("datamatrix", seal);
  const side = rows.length * moduleMm;
  const x = right - quietMm - side;
  const textX = left + 100;
  const sealLines = seal === null ? [] : wrap(setter, seal, x - quietMm - 2 - textX, 8.5, false);
  const sealHeight = Math.max(seal === null ? 0 : side + 2 * quietMm, sealLines.length * lineMm);
  const height = Math.max(sealHeight, sign.length * signMm);
  const signs = sign.map(() => tag("P"));
  const words = tagOfText("P", sealLines, seal ?? "");
  const code = tag("Figure", null, { alt: `Data Matrix: ${seal ?? ""}` });
  if (height === 0) return [];
  const place = (y: number): Mark[] => {
    const end = y + height;
    return [
      ...sign.flatMap((role, i): Mark[] => {
        const at = end - (sign.length - 1 - i) * signMm - lineMm;
        const under = { x: left, width: 90, ink: "grey", tag: signs[i] ?? null } as const;
        return [
          { type: "line", x1: left, y1: at, x2: left + 90, y2: at, weight: hairline, ink: "black" },
          ...wrap(setter, role, 90, 8.5, false)
            .slice(0, 1)
            .map((text) => line(setter, text, at + baseMm, under)),
        ];
      }),
      ...sealLines.map((text, i) =>
        line(setter, text, end - (sealLines.length - 1 - i) * lineMm - 1.2, {
          x: textX,
          width: x - textX,
          tag: words,
        }),
      ),
      ...(seal === null
        ? []
        : [{ type: "modules", x, y: end - quietMm - side, side: moduleMm, rows, tag: code } as const]),
    ];
  };
  return [{ type: "foot", height, marks: place }];
}
