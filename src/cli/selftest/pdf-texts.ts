/**
 * The texts of a PDF as our reports write it, piece by piece in the order of its pages: uncompressed, each piece a line of
 * content, glyphs translated by the font's own ToUnicode table. Throws for a file that is cut off or otherwise built.
 */
export function pdfTexts(bytes: Buffer): string[] {
  const file = bytes.toString("latin1");
  if (!file.startsWith("%PDF-1.7") || !file.trimEnd().endsWith("%%EOF"))
    throw new Error("it is no whole PDF 1.7");
  const object = (id: string): string => {
    const begin = file.indexOf(`\n${id} 0 obj\n`);
    if (begin < 0) throw new Error(`it has no object ${id}`);
    return file.slice(begin, file.indexOf("endobj", begin));
  };
  const fonts = new Map<string, readonly string[]>();
  for (const [, name = "", id = ""] of file.matchAll(/\/(F\d+) (\d+) 0 R/g))
    if (!fonts.has(name))
      fonts.set(name, lettersOf(object(/\/ToUnicode (\d+) 0 R/.exec(object(id))?.[1] ?? "")));
  return [...file.matchAll(/^BT \/(F\d+) [\d.]+ Tf .*? <([0-9a-f]*)> Tj ET$/gm)].map(
    ([, font = "", codes = ""]) =>
      (codes.match(/.{4}/g) ?? [])
        .map((code) => fonts.get(font)?.[Number.parseInt(code, 16)] ?? "?")
        .join(""),
  );
}

/** Letters by glyph: pdfkit writes ranges of 256, each with the list of its letters. */
function lettersOf(table: string): string[] {
  const letters: string[] = [];
  for (const [, first = "0", list = ""] of table.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[(.*?)\]/g))
    for (const [i, [, units = ""]] of [...list.matchAll(/<([0-9a-f ]*)>/g)].entries())
      letters[Number.parseInt(first, 16) + i] = (units.replaceAll(" ", "").match(/.{4}/g) ?? [])
        .map((unit) => String.fromCharCode(Number.parseInt(unit, 16)))
        .join("");
  return letters;
}
