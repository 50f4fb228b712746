import { cleanText } from "../../lib/clean-text.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";
import { installRule, ruleFile, ruleGroup, rulePath, udevRule } from "./udev-rule.ts";
import { gsUsbIds } from "../../transport/can/gs-usb-ids.ts";
import { isDfu, type UsbNode } from "./usb-tree.ts";

const folders = ["/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"];

/** Who may use what is plugged in: the udev rule, the group, each device, and the daemon that would talk to it first. */
export function checkRights(machine: Machine, tree: readonly UsbNode[]): Finding[] {
  if (machine.platform !== "linux") return [];
  const rule = installedRule(machine);
  return [
    ruleFinding(machine, rule),
    ...groupFinding(machine),
    ...deviceFindings(machine, tree),
    ...modemManagerFinding(machine, rule),
  ];
}

/** The first that udev would take; `null`: there is none. */
function installedRule(machine: Machine): { readonly path: string; readonly text: string } | null {
  for (const folder of folders) {
    const path = `${folder}/${ruleFile}`;
    const text = machine.text(path);
    if (text !== null) return { path, text };
  }
  return null;
}

const isCurrent = (rule: { readonly text: string } | null): boolean =>
  rule !== null && rule.text.trimEnd() === udevRule().trimEnd();

function ruleFinding(machine: Machine, rule: ReturnType<typeof installedRule>): Finding {
  if (rule !== null)
    return isCurrent(rule)
      ? ok("udev rule", `${rule.path}, current`)
      : warn("udev rule", `${rule.path} is of another version or was edited`, installRule);
  if (machine.mayUse("/run/udev") === null)
    return ok("udev rule", "not installed; no udev runs here that would read it");
  return warn(
    "udev rule",
    `${rulePath} is not installed: boards and adapters may not be this user's`,
    installRule,
  );
}

function groupFinding(machine: Machine): Finding[] {
  const { user } = machine;
  if (user === null) return [];
  if (user.uid === 0) return [ok("group", "root needs none; a line runs better as a user of its own")];
  const lines = (machine.text("/etc/group") ?? "").split("\n").map((line) => line.split(":"));
  const group = lines.find(([name]) => name === ruleGroup);
  if (group === undefined)
    return [warn("group", `there is no group ${ruleGroup}`, `sudo groupadd --system ${ruleGroup}`)];
  const join = `sudo usermod -aG ${ruleGroup} ${user.name}`;
  if (user.groups.includes(Number(group[2]))) return [ok("group", `${user.name} is in ${ruleGroup}`)];
  if ((group[3] ?? "").split(",").includes(user.name))
    return [warn("group", `${user.name} is in ${ruleGroup} from the next log-in on`, "log out and in again")];
  return [warn("group", `${user.name} is not in ${ruleGroup}`, `${join} (then log in again)`)];
}

function deviceFindings(machine: Machine, tree: readonly UsbNode[]): Finding[] {
  const findings: Finding[] = [];
  for (const node of tree) {
    const name = cleanText(node.name, 60);
    if (isDfu(node) || gsUsbIds.has(node.ids))
      findings.push(...fileFinding(machine, `usb:${node.path}`, name, node.file));
    for (const terminal of node.terminals)
      findings.push(...fileFinding(machine, `/dev/${terminal}`, name, `/dev/${terminal}`));
  }
  return findings;
}

function fileFinding(machine: Machine, what: string, name: string, file: string): Finding[] {
  const isOurs = machine.mayUse(file);
  if (isOurs === null) return [];
  const shown = name === "" ? "a device without a name" : name;
  return isOurs
    ? [ok(what, `${shown}, ours to use`)]
    : [fail(what, `${shown}: this user may not use ${file}`, installRule)];
}

function modemManagerFinding(machine: Machine, rule: ReturnType<typeof installedRule>): Finding[] {
  const runs = machine
    .names("/proc")
    .some((name) => /^[0-9]+$/.test(name) && machine.text(`/proc/${name}/comm`) === "ModemManager");
  if (!runs) return [ok("ModemManager", "does not run")];
  if (isCurrent(rule)) return [ok("ModemManager", "runs, and is told to leave boards and adapters alone")];
  return [warn("ModemManager", "runs, and talks to serial adapters that are just plugged in", installRule)];
}
