import { number, parseArgs, text, texts, type Parsed } from "./cli/args.ts";
import { dataFolder } from "./cli/data-folder.ts";
import { exitCodes } from "./cli/exit-codes.ts";
import { Interrupted, interruptCode, type Io } from "./cli/io.ts";
import { toolVersion } from "./cli/version.ts";

/** Text that a closed pipe (`| head`) no longer takes is lost; a gang run does not die of it. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    });
}

/** The first signal asks, the second one ends the process at once: the ledger is right in both cases. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const codes = { SIGINT: exitCodes.sigint, SIGTERM: exitCodes.sigterm } as const;
  for (const [name, code] of Object.entries(codes))
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(code);
      controller.abort(new Interrupted(name, code));
    });
  // The terminal went away: what runs is finished, nobody is asked.
  process.on("SIGHUP", () => {});
  return controller.signal;
}

/** Runs one command; only the files that it needs are loaded. */
async function perform({ command, words, given, globals }: Parsed, io: Io): Promise<number> {
  const data = dataFolder(globals.data);
  const [first = ""] = words;
  switch (command) {
    case "screen": {
      const { screenCommand } = await import("./cli/screen.ts");
      return await screenCommand(
        {
          station: text(given, "station"),
          profile: text(given, "profile"),
          batch: text(given, "batch"),
          operator: text(given, "operator"),
          data,
          color: globals.color,
        },
        io,
      );
    }
    case "run": {
      const { runCommand } = await import("./cli/run.ts");
      return await runCommand(
        {
          station: text(given, "station") ?? "",
          profile: text(given, "profile") ?? "",
          batch: text(given, "batch") ?? "",
          units: texts(given, "unit"),
          all: given["all"] === true,
          panel: text(given, "panel"),
          rework: text(given, "rework"),
          operator: text(given, "operator"),
          data,
        },
        io,
      );
    }
    case "ports":
      return await (await import("./cli/ports.ts")).portsCommand(io);
    case "probe":
      return await (
        await import("./cli/probe.ts")
      ).probeCommand({ port: first, baud: number(given, "baud") }, io);
    case "image": {
      const { addressOption, imageCommand } = await import("./cli/image.ts");
      const at = text(given, "at");
      return await imageCommand({ files: words, at: at === null ? null : addressOption("--at", at) }, io);
    }
    case "profile check":
      return await (await import("./cli/profile.ts")).profileCheck(words, io);
    case "profile release": {
      const { profileRelease } = await import("./cli/profile.ts");
      return await profileRelease(
        { file: first, by: text(given, "by"), irreversible: texts(given, "irreversible"), data },
        io,
      );
    }
    case "profile list":
      return (await import("./cli/profile.ts")).profileList(data, io);
    case "batch open": {
      const { batchOpen } = await import("./cli/batch.ts");
      return await batchOpen(
        {
          id: first,
          profile: text(given, "profile") ?? "",
          quantity: number(given, "quantity"),
          by: text(given, "by"),
          data,
        },
        io,
      );
    }
    case "batch close":
      return (await import("./cli/batch.ts")).batchClose(first, text(given, "by"), data, io);
    case "batch list":
      return (await import("./cli/batch.ts")).batchList(data, io);
    case "batch show":
      return (await import("./cli/batch.ts")).batchShow(first, data, io);
    case "report": {
      const { reportCommand } = await import("./cli/report.ts");
      const print = given["print"];
      return await reportCommand(
        {
          batch: first,
          format: text(given, "format") === "csv" ? "csv" : "pdf",
          out: text(given, "out"),
          print: typeof print === "string" ? print : print === true,
          definition: text(given, "definition"),
          data,
        },
        io,
      );
    }
    case "unit":
      return (await import("./cli/unit.ts")).unitCommand(first, data, io);
    case "audit":
      return (await import("./cli/audit.ts")).auditCommand(text(given, "file"), data, io);
    case "backup":
      return await (await import("./cli/audit.ts")).backupCommand(first, data, io);
    case "simulate": {
      const { simulateCommand } = await import("./cli/simulate.ts");
      return await simulateCommand(
        {
          boards: texts(given, "board"),
          links: texts(given, "link"),
          dumps: texts(given, "dump"),
          mishaps: texts(given, "mishap"),
          uids: texts(given, "uid"),
          baud: number(given, "baud"),
          pace: text(given, "pace") === "fast" ? "fast" : "real",
          usb: {
            adapters: texts(given, "adapter"),
            roms: texts(given, "rom"),
            wiring: text(given, "wiring"),
            foreign: texts(given, "foreign"),
            serve: number(given, "serve"),
            attach: typeof given["attach"] === "boolean" ? given["attach"] : null,
            reseat: number(given, "reseat"),
          },
        },
        io,
      );
    }
    case "schema":
      return (await import("./cli/schema.ts")).schemaCommand(first, io);
    default:
      return command satisfies never;
  }
}

/** argv to exit code. */
async function main(argv: readonly string[]): Promise<number> {
  ignoreClosedPipes();
  const out = (line: string): void => void process.stdout.write(`${line}\n`);
  const err = (line: string): void => void process.stderr.write(`${line}\n`);
  const result = parseArgs(argv, toolVersion, out, err);
  if (result.kind === "exit") return result.code;
  const io: Io = { out, err, json: result.parsed.globals.json, signal: interruptSignal() };
  try {
    return await perform(result.parsed, io);
  } catch (error) {
    const { complain } = await import("./cli/complain.ts");
    try {
      return complain(error, io);
    } catch {
      const interrupted = interruptCode(io.signal);
      if (interrupted !== null) return interrupted;
      err(
        `gangflash: this is a mistake of the program: ${error instanceof Error ? error.message : String(error)}`,
      );
      return exitCodes.unfit;
    }
  }
}

const code = await main(process.argv.slice(2));
// Written out before the process goes: a pipe takes its time. Open ports or timers must not hold it up.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
