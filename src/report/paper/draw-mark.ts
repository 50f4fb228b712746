import type { Box, Mark } from "./mark.ts";

const points = 72 / 25.4;
const inks = { black: "#000000", grey: "#595959", white: "#ffffff" } as const;

type Drawn<T extends Mark["type"]> = Extract<Mark, { type: T }>;

/** Writes a text in its own quicker way, or answers that it cannot. */
export type PlainText = (mark: Drawn<"text">) => boolean;

/** Puts one mark on the document's current page. */
export function drawMark(document: PDFKit.PDFDocument, mark: Mark, plain: PlainText | null): void {
  switch (mark.type) {
    case "text":
      document.fillColor(inks[mark.ink]);
      if (plain?.(mark) !== true) drawText(document, mark);
      return;
    case "line":
      document
        .lineWidth(mark.weight)
        .moveTo(mark.x1 * points, mark.y1 * points)
        .lineTo(mark.x2 * points, mark.y2 * points)
        .stroke(inks[mark.ink]);
      return;
    case "fill":
      rectangle(document, mark).fill(inks[mark.ink]);
      return;
    case "outline":
      rectangle(document.lineWidth(mark.weight), mark).stroke(inks.black);
      return;
    case "hatch":
      return drawHatch(document, mark);
    case "dot":
      document.circle(mark.x * points, mark.y * points, mark.radius * points).fill(inks.black);
      return;
    case "image":
      document.image(Buffer.from(mark.bytes), mark.x * points, mark.y * points, {
        width: mark.width * points,
        height: mark.height * points,
      });
      return;
    case "modules":
      return drawModules(document, mark);
    default:
      return mark satisfies never;
  }
}

function rectangle(document: PDFKit.PDFDocument, { x, y, width, height }: Box): PDFKit.PDFDocument {
  return document.rect(x * points, y * points, width * points, height * points);
}

function drawText(document: PDFKit.PDFDocument, { text, x, y, size, bold }: Drawn<"text">): void {
  document
    .font(bold ? "bold" : "regular")
    .fontSize(size)
    .text(text, x * points, y * points, { lineBreak: false, baseline: "alphabetic" });
}

// One path for all dark modules: filled at once, neighbours leave no bright seam between them.
function drawModules(document: PDFKit.PDFDocument, { x, y, side, rows }: Drawn<"modules">): void {
  rows.forEach((row, n) => {
    for (let from = 0; from < row.length; from += 1) {
      if (row[from] !== true) continue;
      let to = from;
      while (row[to] === true) to += 1;
      rectangle(document, { x: x + from * side, y: y + n * side, width: (to - from) * side, height: side });
      from = to;
    }
  });
  document.fill(inks.black);
}

function drawHatch(document: PDFKit.PDFDocument, mark: Drawn<"hatch">): void {
  const { x, y, width, height, step, hole } = mark;
  document.save();
  rectangle(document, mark);
  if (hole !== null) rectangle(document, hole);
  document.clip("even-odd").lineWidth(hole === null ? 0.4 : 1);
  // Diagonals from the left and lower edge to the upper and right one.
  for (let at = step; at < width + height; at += step) {
    const from = { x: x + Math.max(0, at - height), y: y + Math.min(at, height) };
    const to = { x: x + Math.min(at, width), y: y + Math.max(0, at - width) };
    document.moveTo(from.x * points, from.y * points).lineTo(to.x * points, to.y * points);
  }
  document.stroke(inks.black).restore();
}
