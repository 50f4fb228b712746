import { dirname, resolve } from "node:path";
import { commonText } from "../lib/pattern-examples.ts";
import { isSlowPattern, slowWords } from "../lib/slow-pattern.ts";
import { commandCards, plainSlotCode, type BenchRules, type ScanRules } from "../model/bench-rules.ts";
import { parsePort } from "../model/port.ts";
import type { Issue } from "./issue.ts";
import { toOutbox } from "./outbox.ts";
import type { YamlFile } from "./read-yaml.ts";
import type { StationYaml } from "./station-schema.ts";

type Path = readonly (string | number)[];

/** How people work at the station, checked; what is wrong goes to `issues`. Paths are taken from the file's folder. */
export function toBenchRules(yaml: YamlFile<StationYaml>, issues: Issue[]): BenchRules {
  const { value } = yaml;
  const { orders, golden, labels } = value;
  const pattern = (path: Path, text: string | undefined): RegExp | null => {
    if (text === undefined) return null;
    let made: RegExp;
    try {
      made = new RegExp(text, "u");
    } catch {
      issues.push(yaml.issue([...path], `"${text}" found, a regular expression was expected`));
      return null;
    }
    if (!isSlowPattern(made)) return made;
    issues.push(yaml.issue([...path], `"${text}" found, ${slowWords}`));
    return null;
  };
  const beside = (name: string): string => resolve(dirname(yaml.file), name);
  if (value.start === "insert" && value.run === "tray")
    issues.push(
      yaml.issue(
        ["start"],
        "insert found beside run: tray, where the whole tray starts at once: enter or key",
      ),
    );
  const orderPattern = pattern(["orders", "pattern"], orders?.pattern);
  const namesProfile = orders?.pattern.includes("(?<profile>") === true;
  if (namesProfile && orders?.profiles === undefined)
    issues.push(
      yaml.issue(["orders", "pattern"], "(?<profile>…) found, a folder was expected in orders.profiles"),
    );
  const badge = pattern(["badge"], value.badge);
  const scans = toScans(yaml, issues, pattern);
  refuseTwice(yaml, issues, { badge, order: orderPattern, panel: scans.panel?.pattern ?? null });
  return {
    login: value.login,
    badge,
    language: value.language,
    run: value.run,
    start: value.start,
    scanner: toScanner(yaml, issues),
    scans,
    orders:
      orders === undefined || orderPattern === null
        ? null
        : {
            pattern: orderPattern,
            profiles: orders.profiles === undefined ? null : beside(orders.profiles),
            sheet: orders.sheet === undefined ? null : beside(orders.sheet),
          },
    golden: golden === undefined ? null : { barcode: golden.barcode, uid: golden.uid ?? null },
    labels: labels === undefined ? null : { file: beside(labels.file), scanBack: labels.scanBack },
    outbox: toOutbox(yaml, issues),
    signals: Object.fromEntries(
      Object.entries(value.signals ?? {}).filter(([, words]) => words !== undefined),
    ),
  };
}

/** A code that is two things is only ever read as the first of them. */
function refuseTwice(
  yaml: YamlFile<StationYaml>,
  issues: Issue[],
  patterns: { readonly badge: RegExp | null; readonly order: RegExp | null; readonly panel: RegExp | null },
): void {
  const { badge, order, panel } = patterns;
  const pairs: readonly (readonly [Path, RegExp | null, string, RegExp | null])[] = [
    [["badge"], badge, "a command card", commandCards],
    [["orders", "pattern"], order, "badge", badge],
    [["orders", "pattern"], order, "a command card", commandCards],
    [["scans", "panel", "pattern"], panel, "badge", badge],
    [["scans", "panel", "pattern"], panel, "orders.pattern", order],
  ];
  for (const [path, one, what, other] of pairs) {
    const text = one === null || other === null ? null : commonText(one, other);
    if (text !== null)
      issues.push(
        yaml.issue(
          [...path],
          `${text} matches it and ${what} too, a code that is only one of them was expected`,
        ),
      );
  }
}

function toScans(
  yaml: YamlFile<StationYaml>,
  issues: Issue[],
  pattern: (path: Path, text: string | undefined) => RegExp | null,
): ScanRules {
  const { scans } = yaml.value;
  const panel = pattern(["scans", "panel", "pattern"], scans?.panel?.pattern);
  const slot = pattern(["scans", "slot"], scans?.slot);
  if (scans?.slot !== undefined && slot !== null && !/\((?!\?)|\(\?</u.test(scans.slot))
    issues.push(
      yaml.issue(
        ["scans", "slot"],
        `"${scans.slot}" found, a group (…) for the slot's name was expected in it`,
      ),
    );
  return {
    prefix: scans?.prefix ?? "",
    suffix: scans?.suffix ?? "",
    gs1: scans?.gs1 === undefined ? null : { gtin: scans.gs1.gtin ?? null },
    panel: panel === null ? null : { pattern: panel, unit: scans?.panel?.unit ?? "{panel}-{n}" },
    slot: slot ?? plainSlotCode,
  };
}

function toScanner(yaml: YamlFile<StationYaml>, issues: Issue[]): BenchRules["scanner"] {
  const { scanner, scannerBaud, slots } = yaml.value;
  if (scanner === undefined) return null;
  const port = parsePort(scanner);
  if (typeof port === "string" || port.kind !== "uart") {
    issues.push(
      yaml.issue(["scanner"], `"${scanner}" found, a serial device such as uart:COM7 was expected`),
    );
    return null;
  }
  const same = slots.find((slot) => slot.port === scanner || slot.port === `uart:${port.device}`);
  if (same !== undefined)
    issues.push(yaml.issue(["scanner"], `"${scanner}" found, slot ${same.name} has that port already`));
  return { device: port.device, baud: scannerBaud };
}
