import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What is read of a package.json. */
interface About {
  readonly name?: string;
  readonly version?: string;
  readonly license?: unknown;
  readonly author?: string | { readonly name?: string };
}

const aboutOf = (folder: string): About =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as About; // npm's own format

/** The licences of the packages that these files come from, as they stand in them. Throws where a package has none. */
export function notices(files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => packageOf(file) ?? []));
  const packages = [...folders].map((folder) => {
    const { name = "", version = "", license, author } = aboutOf(folder);
    const text = licenceIn(folder);
    if (text === null && typeof license !== "string")
      throw new Error(`${name} ${version} is built in and says no licence: look at ${folder}`);
    const by = typeof author === "string" ? author : (author?.name ?? "its authors");
    const named = typeof license === "string" ? license : "see below";
    return { title: `${name} ${version} (${named})`, text: text ?? `${named}, by ${by}` };
  });
  const line = "-".repeat(80);
  // One package may lie in several folders.
  const parts = new Set(packages.map(({ title, text }) => `${line}\n${title}\n\n${text.trim()}`));
  const title = "Parts of these packages are built into gangflash. Their licences:";
  return `${[title, ...[...parts].sort()].join("\n\n")}\n`;
}

/** The folder of the package that a file under node_modules belongs to: the nearest one above that names itself. */
function packageOf(file: string): string | null {
  if (!/[\\/]node_modules[\\/]/.test(file) || file.startsWith("\0")) return null;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && aboutOf(folder).name !== undefined) return folder;
    if (folder === dirname(folder)) throw new Error(`${file} belongs to no package`);
  }
}

function licenceIn(folder: string): string | null {
  const name = readdirSync(folder).find((one) => /^(licen[cs]e|copying)/i.test(one));
  return name === undefined ? null : readFileSync(join(folder, name), "utf8");
}
