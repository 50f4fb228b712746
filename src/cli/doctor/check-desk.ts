import { fail, ok, warn, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** The smallest screen that the operator's view is made for. */
const leastScreen = { columns: 80, rows: 24 } as const;
/** No program of ours is older: a clock that says less has lost its battery. */
const leastYear = 2026;

/** The clock that dates the records, and the terminal that the operator sees. */
export async function checkDesk(machine: Machine): Promise<Finding[]> {
  return [await clock(machine), ...terminal(machine)];
}

async function clock(machine: Machine): Promise<Finding> {
  const now = machine.now();
  const sync = "sudo timedatectl set-ntp true";
  const said = `${now.toISOString().slice(0, 19)}Z`;
  if (now.getUTCFullYear() < leastYear) return fail("clock", `says ${said}, which cannot be`, sync);
  // systemd's own service leaves a mark when it has set the clock; the kernel knows of any other.
  if (machine.text("/run/systemd/timesync/synchronized") !== null)
    return ok("clock", `${said}, synchronised`);
  const isKept = await machine.clockIsKept();
  if (isKept === null)
    return warn("clock", `${said}; this system does not tell whether something keeps it right`, null);
  return isKept
    ? ok("clock", `${said}, synchronised`)
    : warn("clock", `${said}; nothing keeps it right, so the dates of records may drift`, sync);
}

function terminal(machine: Machine): Finding[] {
  const { env, screen } = machine;
  const name = env["TERM"] ?? "";
  const found: Finding[] = [];
  if (screen === null) found.push(ok("terminal", "standard output is none; run doctor in the operator's"));
  else {
    const size = `${screen.columns} x ${screen.rows}`;
    const { columns, rows } = leastScreen;
    found.push(
      screen.columns < columns || screen.rows < rows
        ? warn(
            "terminal",
            `${size}, ${columns} x ${rows} was expected`,
            "make the window larger or its letters smaller",
          )
        : ok("terminal", size),
    );
  }
  if (name === "dumb" || (name === "" && machine.platform !== "win32"))
    found.push(
      warn("terminal kind", `TERM is "${name}": no screen can be drawn`, "export TERM=xterm-256color"),
    );
  else if (name === "linux")
    found.push(ok("terminal kind", "the Linux console: 16 colours, and the screen needs no others"));
  else if (name !== "") found.push(ok("terminal kind", name));
  const locale = env["LC_ALL"] ?? env["LC_CTYPE"] ?? env["LANG"] ?? "";
  if (machine.platform !== "win32")
    found.push(
      /utf-?8/i.test(locale)
        ? ok("letters", locale)
        : warn("letters", `"${locale}" is no UTF-8: names with accents are spoilt`, "export LANG=C.UTF-8"),
    );
  return found;
}
