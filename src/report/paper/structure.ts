import type { Tag } from "./tag.ts";

/** What pdfkit's typings leave out: the places of its objects, and words into the file and into a page. */
interface OpenDocument {
  /** Byte of each object by its number less one; `null`: it comes later. */
  readonly _offsets: (number | null)[];
  readonly _offset: number;
  readonly _write: (text: string) => void;
  readonly addContent: (words: string) => void;
  readonly page: { readonly dictionary: { readonly id: number; readonly data: Record<string, unknown> } };
  readonly getStructTreeRoot: () => { readonly data: Record<string, unknown> };
}

interface Element {
  readonly tag: Tag | null;
  readonly id: number;
  readonly kids: string[];
  /** Object of the page of its first content. */
  page: number | null;
  /** Of a row: the cell that comes next. */
  next: number;
}

/** Writes the structure of a document that was made with `tagged: true`, while its pages are drawn. */
export interface Structure {
  beginPage(): void;
  /** What is drawn next belongs to this element; `null`: to none. */
  mark(tag: Tag | null): void;
  /** When all of a page is drawn. */
  endPage(): void;
  /** After the last page, before the document ends. */
  end(): void;
}

/**
 * pdfkit can write such a tree as well, but holds all of it until the end, a kilobyte a cell: here an element is written as
 * soon as what follows is not in it. A cell without a text is there all the same, so that those behind it stay in their
 * columns.
 */
export function structure(document: PDFKit.PDFDocument): Structure {
  const open = document as unknown as OpenDocument;
  const reserve = (): number => open._offsets.push(null);
  let written = "";
  let places: { readonly id: number; readonly at: number }[] = [];
  function write(id: number, body: string): void {
    places.push({ id, at: written.length });
    written += `${id} 0 obj\n${body}\nendobj\n`;
  }
  // pdfkit itself writes between pages and, for a picture, within one: where we are is known only here.
  function flush(): void {
    for (const { id, at } of places) open._offsets[id - 1] = open._offset + at;
    if (written !== "") open._write(written.slice(0, -1));
    written = "";
    places = [];
  }

  const root: Element = { tag: null, id: reserve(), kids: [], page: null, next: 0 };
  const stack: Element[] = [root];
  /** Of the page: the element of each marked content. */
  let owners: number[] = [];
  const parents: string[] = [];
  let current: Tag | null | undefined;

  function close(): void {
    const element = stack.pop();
    const parent = stack.at(-1);
    if (element === undefined || parent === undefined) throw new Error("the document's element was closed");
    const { tag, id, kids, page } = element;
    if (tag === null) return;
    if (tag.role === "TR") fillUp(element, tag.cells);
    const what = kids.length === 1 ? (kids[0] ?? "") : `[${kids.join(" ")}]`;
    const where = page === null ? "" : `/Pg ${page} 0 R`;
    write(id, `<</S/${tag.role}/P ${parent.id} 0 R${where}${textsOf(tag)}${attributesOf(tag)}/K ${what}>>`);
  }
  /** Cells that have no text, up to a place in the row. */
  function fillUp(row: Element, to: number): void {
    for (; row.next < to; row.next += 1) {
      const id = reserve();
      row.kids.push(`${id} 0 R`);
      write(id, `<</S/TD/P ${row.id} 0 R>>`);
    }
  }
  function elementOf(tag: Tag): Element {
    const at = stack.findLastIndex((element) => element.tag === tag);
    const found = stack[at];
    if (found !== undefined) {
      while (stack.length > at + 1) close();
      return found;
    }
    const parent = tag.parent === null ? root : elementOf(tag.parent);
    while (stack.at(-1) !== parent) close();
    if (parent.tag?.role === "TR") {
      fillUp(parent, tag.at);
      parent.next = tag.at + tag.span;
    }
    const element: Element = { tag, id: reserve(), kids: [], page: null, next: 0 };
    parent.kids.push(`${element.id} 0 R`);
    stack.push(element);
    return element;
  }
  function leave(): void {
    if (current !== undefined) open.addContent("EMC");
    current = undefined;
  }

  return {
    beginPage() {
      open.page.dictionary.data["StructParents"] = parents.length;
      owners = [];
    },
    mark(tag) {
      if (tag === current) return;
      leave();
      current = tag;
      if (tag === null) {
        open.addContent("/Artifact BMC");
        return;
      }
      const element = elementOf(tag);
      const page = open.page.dictionary.id;
      const content = owners.push(element.id) - 1;
      element.page ??= page;
      element.kids.push(
        element.page === page ? String(content) : `<</Type/MCR/Pg ${page} 0 R/MCID ${content}>>`,
      );
      open.addContent(`/${tag.role} <</MCID ${content}>> BDC`);
    },
    endPage() {
      leave();
      const id = reserve();
      parents.push(`${parents.length} ${id} 0 R`);
      write(id, `[${owners.map((owner) => `${owner} 0 R`).join(" ")}]`);
      flush();
    },
    end() {
      while (stack.length > 1) close();
      const tree = open.getStructTreeRoot() as {
        readonly id: number;
        readonly data: Record<string, unknown>;
      };
      write(root.id, `<</S/Document/P ${tree.id} 0 R/K [${root.kids.join(" ")}]>>`);
      const parentTree = reserve();
      write(parentTree, `<</Nums [${parents.join(" ")}]>>`);
      flush();
      tree.data["K"] = asIs(`${root.id} 0 R`);
      tree.data["ParentTree"] = asIs(`${parentTree} 0 R`);
      tree.data["ParentTreeNextKey"] = parents.length;
    },
  };
}

const textsOf = ({ alt, actual }: Tag): string =>
  `${alt === null ? "" : `/Alt ${textString(alt)}`}${actual === null ? "" : `/ActualText ${textString(actual)}`}`;

function attributesOf({ scope, span }: Tag): string {
  if (scope === null && span === 1) return "";
  return `/A <</O/Table${scope === null ? "" : `/Scope/${scope}`}${span === 1 ? "" : `/ColSpan ${span}`}>>`;
}

/** A text string of PDF in UTF-16, in hex. */
const textString = (text: string): string =>
  `<${Buffer.from(`\uFEFF${text}`, "utf16le").swap16().toString("hex").toUpperCase()}>`;

/** Words that pdfkit takes into an object as they are. */
const asIs = (words: string): object => ({ toString: () => words, [Symbol.toStringTag]: "words" });
