import { spawn } from "node:child_process";
import { connect } from "node:net";
import { errorText } from "../../lib/thrown.ts";
import { cleanText } from "../../lib/clean-text.ts";
import type { LabelDefinition, LabelPrinter, PrintLabel } from "../../model/label.ts";
import { labelOf } from "../../report/label/label.ts";
import { toZpl } from "../../report/label/zpl.ts";

/** A printer that is there answers at once; one that is off must not hold up the tray. */
const limitMs = 5000;

/** What the line calls on each PASS. `ms`: how long one label may take. */
export function labelPrinter(
  definition: LabelDefinition,
  timezone: string,
  ms: number = limitMs,
): PrintLabel {
  return async (record) => {
    const made = labelOf(definition, record, false, timezone);
    if (!made.ok) return { kind: "not-printed", why: made.why };
    if (definition.printer === null) return { kind: "not-printed", why: "the label file names no printer" };
    try {
      await sendZpl(definition.printer, toZpl(made.label), ms);
      return { kind: "printed", name: definition.name, scans: made.label.scans };
    } catch (error) {
      return { kind: "not-printed", why: errorText(error) };
    }
  };
}

/** Hands ZPL to a printer; done when it took all of it. Throws an Error that says which printer, and why. */
export async function sendZpl(printer: LabelPrinter, zpl: string, ms: number = limitMs): Promise<void> {
  switch (printer.kind) {
    case "tcp":
      return await overTcp(printer.host, printer.port, zpl, ms);
    case "command":
      return await toCommand(printer.words, zpl, ms);
    default:
      return printer satisfies never;
  }
}

function overTcp(host: string, port: number, zpl: string, ms: number): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect({ host, port });
    const end = (why: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      if (why === null) done();
      else fail(new Error(`printer ${host}:${port}: ${why}`));
    };
    const timer = setTimeout(() => end(`no answer within ${ms / 1000} s`), ms);
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on("connect", () => socket.end(zpl, "utf8"));
    // The printer closes its side when it has read ours, or the system says that all is sent.
    socket.on("finish", () => socket.resume());
    socket.on("close", (failed) => {
      if (!failed) end(null);
    });
  });
}

function toCommand([program = "", ...words]: readonly string[], zpl: string, ms: number): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(program, words, { stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    const end = (why: string | null): void => {
      clearTimeout(timer);
      if (why === null) done();
      else fail(new Error(`${program}: ${why}`));
    };
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      end(`not done within ${ms / 1000} s`);
    }, ms);
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString("utf8")}`.slice(0, 500);
    });
    child.on("error", (error: NodeJS.ErrnoException) =>
      end(error.code === "ENOENT" ? "there is no such program" : error.message),
    );
    // A program that ends without reading says so by its code.
    child.stdin.on("error", () => {});
    child.on("close", (code) =>
      end(code === 0 ? null : cleanText(said.trim(), 300) || `ended with ${code ?? "a signal"}`),
    );
    child.stdin.end(zpl, "utf8");
  });
}
