/** Texts that a regular expression matches: the shortest kinds of them, a few. Empty where it cannot be told. */
export function patternExamples(pattern: RegExp): readonly string[] {
  try {
    const reader = { text: pattern.source, at: 0 };
    const texts = alternatives(reader);
    // What could not be read right makes no example.
    return reader.at === reader.text.length ? texts.filter((text) => pattern.test(text)) : [];
  } catch {
    return [];
  }
}

/** A text that both match, or `null` where none was found: examples of each are tried on the other. */
export function commonText(one: RegExp, other: RegExp): string | null {
  return (
    patternExamples(one).find((text) => other.test(text)) ??
    patternExamples(other).find((text) => one.test(text)) ??
    null
  );
}

interface Reader {
  readonly text: string;
  at: number;
}

/** More would only be more of the same. */
const most = 24;

function alternatives(reader: Reader): string[] {
  const all = sequence(reader);
  while (reader.text[reader.at] === "|") {
    reader.at += 1;
    all.push(...sequence(reader));
  }
  return all.slice(0, most);
}

function sequence(reader: Reader): string[] {
  let texts = [""];
  while (reader.at < reader.text.length && reader.text[reader.at] !== "|" && reader.text[reader.at] !== ")") {
    const pieces = repeated(atom(reader), reader);
    texts = texts.flatMap((text) => pieces.map((piece) => text + piece)).slice(0, most);
  }
  return texts;
}

/** How often a piece stands there: as seldom as it may, but once where it may be left out. */
function repeated(pieces: readonly string[], reader: Reader): readonly string[] {
  const found = /^(?:([*+?])|\{(\d+)(?:,\d*)?\})\??/.exec(reader.text.slice(reader.at));
  if (found === null) return pieces;
  reader.at += found[0].length;
  const [, mark, count] = found;
  if (mark === undefined) return pieces.map((piece) => piece.repeat(Number(count)));
  return mark === "+" ? pieces : ["", ...pieces];
}

function atom(reader: Reader): readonly string[] {
  const char = reader.text[reader.at] ?? "";
  reader.at += 1;
  switch (char) {
    case "^":
    case "$":
      return [""];
    case ".":
      return ["A", "0"];
    case "[":
      return members(reader);
    case "(":
      return group(reader);
    case "\\":
      return escaped(reader);
    default:
      return [char];
  }
}

function group(reader: Reader): readonly string[] {
  const opening = /^\?(?::|<[A-Za-z_]\w*>)/.exec(reader.text.slice(reader.at));
  if (opening === null && reader.text[reader.at] === "?") throw new Error("looks around");
  reader.at += opening?.[0].length ?? 0;
  const texts = alternatives(reader);
  if (reader.text[reader.at] !== ")") throw new Error("not closed");
  reader.at += 1;
  return texts;
}

const digits = "0123456789";
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** What a class is tried with, the likely ones first. */
const tried = `${letters}${digits}${letters.toLowerCase()}-_.:;/ #+*`.split("");

function escaped(reader: Reader): readonly string[] {
  const char = reader.text[reader.at] ?? "";
  reader.at += 1;
  if (/[dws]/i.test(char)) {
    const fits = new RegExp(`^\\${char}$`, "u");
    return tried.filter((one) => fits.test(one)).slice(0, 2);
  }
  if (/[A-Za-z0-9]/.test(char)) throw new Error("not known");
  return [char];
}

/** One of a class for each kind of character in it. */
function members(reader: Reader): readonly string[] {
  const rest = reader.text.slice(reader.at);
  const end = /^\^?(?:\\.|[^\]\\])*\]/.exec(rest)?.[0];
  if (end === undefined) throw new Error("not closed");
  reader.at += end.length;
  const fits = new RegExp(`^[${end}$`, "u");
  const all = tried.filter((one) => fits.test(one));
  const kinds = [/[A-Z]/, /[0-9]/, /[a-z]/, /[^A-Za-z0-9]/];
  return kinds.flatMap((kind) => all.find((one) => kind.test(one)) ?? []);
}
