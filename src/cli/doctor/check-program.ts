import { fail, ok, warn, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

const leastNode = { major: 24, minor: 15 } as const;

/** Node and the packages that are made for one machine. */
export async function checkProgram(machine: Machine): Promise<Finding[]> {
  const [major = 0, minor = 0] = machine.nodeVersion.split(".").map(Number);
  const isNew = major > leastNode.major || (major === leastNode.major && minor >= leastNode.minor);
  const wanted = `${leastNode.major}.${leastNode.minor}`;
  const node = isNew
    ? ok("Node", machine.nodeVersion)
    : fail("Node", `${machine.nodeVersion}, ${wanted} or newer was expected`, "npm ci");
  const found = [node];
  for (const name of ["better-sqlite3", "usb", "serialport"]) {
    const why = await machine.loads(name);
    found.push(
      why === null
        ? ok(name, "loads")
        : fail(name, `does not load: ${why}`, "npm ci (never with --omit=optional)"),
    );
  }
  const why = await machine.loads("koffi");
  const needed = "can:socketcan: ports, simulated ptys and some CDC-ACM adapters need it";
  found.push(
    why === null
      ? ok("koffi", "loads")
      : warn("koffi", `does not load: ${why}; ${needed}`, "npm install koffi"),
  );
  return found;
}
