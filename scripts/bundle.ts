import { cpSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { rolldown } from "rolldown";
import { notices } from "./notices.ts";

const tables = join(import.meta.dirname, "../src/family");

/** What stays a package of its own: compiled code, what finds its own files beside it, and what is rarely needed and big. */
const apart = [
  /^better-sqlite3(\/|$)/,
  /^usb$/,
  /^@serialport\/bindings-cpp(\/|$)/,
  /^koffi$/,
  /^pdfkit$/,
  /^bwip-js\//,
  /^@expo-google-fonts\//,
  // Ink asks for it only where a programmer sets DEV; it is not installed.
  /^react-devtools-core$/,
];

/**
 * Sources and the packages they use, in few files. What a command does not need stays in files of its own, which it never
 * loads. Nothing is renamed or squeezed: a name in a support log is a name in the sources. `folder` lies two below the root, as
 * the sources do, so that "../../profiles" beside import.meta.url means the same in both. `notice`: the file for the licences
 * of the packages that are inside, or `null`. Throws where a name is not found: an operator would find it out.
 */
export async function bundle(
  input: Readonly<Record<string, string>>,
  folder: string,
  notice: string | null,
): Promise<void> {
  const made = await rolldown({
    input: { ...input },
    platform: "node",
    external: apart,
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
    onLog(level, log, handle) {
      handle(level === "warn" ? "error" : level, log);
    },
  });
  const { output } = await made.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    codeSplitting: {
      // The rooms that all others stand on are needed by every command: one file, not thirty.
      groups: [{ name: "base", test: /[\\/]src[\\/](lib|model|plan|inject)[\\/]/ }],
    },
  });
  await made.close();
  // The tables are read at run time, beside the code that reads them.
  cpSync(tables, folder, {
    recursive: true,
    filter: (from) => from === tables || extname(from) === ".json",
  });
  const modules = output.flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
  if (notice !== null) writeFileSync(notice, notices(modules));
}
