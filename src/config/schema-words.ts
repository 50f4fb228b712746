import { z } from "zod";
import { cleanText } from "../lib/clean-text.ts";
import { didYouMean, nearest } from "../lib/nearest.ts";
import type { Path, Places } from "./yaml-places.ts";

/** The definition as JSON Schema: plain data, the same that an editor reads. */
interface Shape {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape | readonly Shape[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A mistake in words for whoever wrote the file, at its key. */
export interface Said {
  readonly path: Path;
  readonly message: string;
}

/** Unknown keys of one block that a hint is looked for. */
const mostKeys = 200;

const placeKey = (mistake: z.core.$ZodIssue): string =>
  JSON.stringify([mistake.code === "unrecognized_keys", ...mistake.path.map(String)]);

/** The words of the schema library are for programmers: what was found, and what was expected, are said in ours. */
export function schemaWords(
  mistakes: readonly z.core.$ZodIssue[],
  data: unknown,
  schema: z.ZodType,
  places: Places,
): Said[] {
  // The library's type has more keys than are asked for here, and no index.
  const root = z.toJSONSchema(schema, { target: "draft-7", io: "input" }) as Shape;
  // The library measures a list that should have been text as well: what is said first of a key is enough.
  const first = new Map(mistakes.map((mistake) => [placeKey(mistake), mistake] as const).toReversed());
  return [...first.values()].toReversed().flatMap((mistake): Said[] => {
    const { path } = mistake;
    const shape = shapeAt(root, path);
    const value = valueAt(data, path);
    // Somebody may have written the secret itself where its place was asked for.
    const hidden = path.includes("token") && typeof value === "string";
    const found = hidden ? "a text found" : foundWords(value, places.written(path));
    switch (mistake.code) {
      case "unrecognized_keys":
        return mistake.keys
          .slice(0, mostKeys)
          .map((key) => ({ path: [...path, key], message: unknownKey(key, shape) }));
      case "too_small":
      case "too_big":
        return [
          { path, message: `${sizeWords(value) ?? found}, ${expectedWords(shape, true)} was expected` },
        ];
      // What we say ourselves beside a pattern or a check of our own.
      case "invalid_format":
      case "custom":
        return [{ path, message: `${found}, ${mistake.message}` }];
      case "invalid_type":
      case "invalid_value":
      case "invalid_union":
      case "invalid_key":
      case "invalid_element":
      case "not_multiple_of":
        return [
          { path, message: `${found}, ${expectedWords(shape, false)} was expected${hint(value, shape)}` },
        ];
      default:
        return mistake satisfies never;
    }
  });
}

function unknownKey(key: string, shape: Shape): string {
  const known = Object.keys(shape.properties ?? {});
  return `unknown key, ${didYouMean(nearest(key, known), `known here: ${known.join(", ")}`)}`;
}

function foundWords(value: unknown, written: string | null): string {
  if (value === undefined) return "missing";
  if (value === null) return "nothing found";
  if (typeof value === "string") return `${quoted(value)} found`;
  if (Array.isArray(value)) return "a list found";
  if (typeof value === "object") return "a block of keys found";
  return `${cleanText(written ?? JSON.stringify(value) ?? typeof value, 40)} found`;
}

const quoted = (text: string): string => `"${cleanText(text, 60)}"`;

/** How long a text or a list is, where that is what is wrong with it. */
function sizeWords(value: unknown): string | null {
  if (Array.isArray(value)) return `${counted(value.length, "entry", "entries")} found`;
  return typeof value === "string" && value !== "" ? `${value.length} characters found` : null;
}

function expectedWords(shape: Shape, sized: boolean): string {
  if (shape.const !== undefined) return quoted(shape.const);
  const [only, ...others] = shape.enum ?? [];
  if (only !== undefined)
    return others.length === 0 ? quoted(only) : `one of ${(shape.enum ?? []).join(", ")}`;
  if (shape.anyOf !== undefined) return shape.anyOf.map((one) => expectedWords(one, false)).join(" or ");
  switch (shape.type) {
    case "string":
      return sized
        ? `text of ${amount(shape.minLength, shape.maxLength, "character", "characters")}`
        : "text";
    case "array":
      return sized ? `a list of ${amount(shape.minItems, shape.maxItems, "entry", "entries")}` : "a list";
    case "integer":
      return `a whole number${rangeWords(shape)}`;
    case "number":
      return `a number${rangeWords(shape)}`;
    case "boolean":
      return "true or false";
    default:
      return "a block of keys";
  }
}

const counted = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

function amount(least: number | undefined, most: number | undefined, one: string, many: string): string {
  if (most === undefined) return `at least ${counted(least ?? 1, one, many)}`;
  if (least === undefined) return `at most ${counted(most, one, many)}`;
  return least === most ? counted(most, one, many) : `${least} to ${counted(most, one, many)}`;
}

function rangeWords({ minimum, maximum }: Shape): string {
  const least = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? null : minimum;
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? null : maximum;
  if (least === null) return most === null ? "" : ` up to ${most}`;
  if (most === null) return ` from ${least} on`;
  // An address or a register: nobody reads it as 4294967295.
  return ` from ${least} to ${most === 0xffff_ffff ? "0xFFFFFFFF" : most}`;
}

/** Quotes decide between text and number in YAML: the commonest slip of all. */
function hint(value: unknown, shape: Shape): string {
  if (shape.enum !== undefined) {
    const close = nearest(String(value), shape.enum);
    return close === null ? "" : `; ${didYouMean(close, "")}`;
  }
  const numeric = shape.type === "integer" || shape.type === "number";
  if (shape.type === "string" && (typeof value === "number" || typeof value === "boolean"))
    return ": put it in quotes";
  if (!numeric || typeof value !== "string" || value.trim() === "") return "";
  if (Number.isFinite(Number(value))) return `: write ${cleanText(value.trim(), 40)} without quotes`;
  return /^[0-9A-Fa-f]{1,8}$/.test(value) ? `: write 0x${value}` : "";
}

function valueAt(data: unknown, path: Path): unknown {
  let value: unknown = data;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function shapeAt(root: Shape, path: Path): Shape {
  let shape: Shape = root;
  for (const part of path) shape = stepInto(shape, part) ?? {};
  return shape;
}

function stepInto(shape: Shape, part: PropertyKey): Shape | undefined {
  const { items, properties, additionalProperties } = shape;
  if (typeof part === "number") return Array.isArray(items) ? items[part] : (items as Shape | undefined);
  const own =
    properties !== undefined && Object.hasOwn(properties, part) ? properties[String(part)] : undefined;
  return own ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
}
