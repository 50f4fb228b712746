import type { AttemptRecord } from "../model/attempt.ts";
import { labelDeed, scansOf, type LabelDesk, type LabelOut } from "../model/label.ts";
import type { KeptDeed } from "../model/deed.ts";
import type { AtWork } from "../model/view.ts";
import type { Input } from "./decide.ts";
import { countsNow } from "./session-facts.ts";
import type { Session } from "./session.ts";

/** A scan at a label, as the books keep it. */
export interface LabelScan {
  readonly barcode: string;
  /** `mismatch`: the unit's pass is void by it. */
  readonly what: "confirmed" | "refused" | "mismatch";
  readonly found: string;
  readonly by: AtWork;
}

/** The labels of what passed. */
export interface Labels {
  /** A unit passed and its record is durable: its label comes next. */
  passed(record: AttemptRecord): void;
  /** The printer is asked again for all that it did not take. */
  again(): void;
  scanned(scan: LabelScan): Input | null;
  /** Labels of an order that a stop of the station left open, by their deeds. */
  resume(batch: string): void;
}

type PrintedLabel = LabelOut & { readonly record: AttemptRecord };

/** A printer that is off is asked again so often. */
const againMs = 10_000;

/** One label after another goes to the printer; each that is out, or was scanned, is a deed in the books. */
export function labelling(session: Session, desk: LabelDesk): Labels {
  const { books } = session.options;
  /** What the printer has not taken, oldest first. */
  const waiting = new Map<string, AttemptRecord>();
  /** What was printed and waits for its scan. */
  const out = new Map<string, PrintedLabel>();
  let working = false;
  let timer: NodeJS.Timeout | null = null;
  session.stop.addEventListener("abort", () => {
    if (timer !== null) clearTimeout(timer);
  });

  const tell = (
    { slot, barcode }: Pick<AttemptRecord, "slot" | "barcode">,
    step: "printing" | "pending" | "scan" | null,
    scans: readonly string[] = [],
  ): void => session.post({ type: "labelled", label: { slot, barcode, step, scans } });

  async function work(): Promise<void> {
    if (working) return;
    working = true;
    if (timer !== null) clearTimeout(timer);
    for (const [barcode, record] of waiting) {
      if (session.stop.aborted) break;
      const printed = await desk.print(record);
      if (printed.kind === "not-printed") {
        tell(record, "pending");
        continue;
      }
      waiting.delete(barcode);
      const { name, scans } = printed;
      const label = { name, scans, record };
      const person = session.state.person;
      try {
        books.record(
          labelDeed(
            "label-printed",
            label,
            person?.name ?? record.operator,
            new Date(),
            person?.role ?? null,
          ),
        );
      } catch {
        session.post({ type: "records-lost" });
      }
      afterPrint(label);
    }
    working = false;
    if (waiting.size > 0 && !session.stop.aborted) timer = setTimeout(() => session.keep(work()), againMs);
  }

  /** A label without a code cannot be scanned: it is done with once it is out. */
  function afterPrint(label: PrintedLabel): void {
    const wanted = desk.scanBack && label.scans.length > 0;
    if (wanted) out.set(label.record.barcode, label);
    tell(label.record, wanted ? "scan" : null, label.scans);
  }

  function passed(record: AttemptRecord): void {
    waiting.set(record.barcode, record);
    tell(record, "printing");
    session.keep(work());
  }

  return {
    passed,
    again() {
      if (waiting.size > 0) session.keep(work());
    },
    scanned({ barcode, what, found, by }) {
      const label = out.get(barcode);
      if (label === undefined) return null;
      const at = new Date();
      try {
        const kind = what === "confirmed" ? "label-confirmed" : "label-refused";
        books.record(labelDeed(kind, label, by.name, at, by.role, what === "confirmed" ? null : found));
        if (what === "mismatch") {
          const { realm, attempt } = label.record;
          books.voidAttempt({ barcode, realm }, attempt, {
            reason: `the label says ${found}, ${label.scans.join(", ")} was expected`.slice(0, 400),
            by: by.name,
            role: by.role,
            at,
          });
        }
      } catch {
        return { type: "records-lost" };
      }
      if (what !== "refused") out.delete(barcode);
      return what === "mismatch" ? { type: "recounted", counts: countsNow(session) } : null;
    },
    resume(batch) {
      const facts = books.batchFacts(batch);
      if (facts === null) return;
      /** By barcode: the deed of its printing, or that it was scanned, too. */
      const done = new Map<string, KeptDeed | "closed">();
      for (const deed of facts.deeds) {
        if (deed.barcode === null) continue;
        if (deed.kind === "label-printed") done.set(deed.barcode, deed);
        if (deed.kind === "label-confirmed") done.set(deed.barcode, "closed");
      }
      const voided = new Set(facts.voids.map(({ seq }) => seq));
      for (const record of facts.attempts) {
        if (record.outcome.kind !== "PASS" || voided.has(record.seq)) continue;
        const printed = done.get(record.barcode);
        if (printed === undefined) passed(record);
        else if (printed !== "closed")
          afterPrint({ name: String(printed.detail["label"] ?? ""), scans: scansOf(printed), record });
      }
    },
  };
}
