import type { ReportLanguage } from "./definition.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Time zone of the report: the station's, or this system's where the station file names none. */
export const zoneOf = ({ timezone }: { readonly timezone: string | null }): string =>
  timezone ?? systemZone() ?? "UTC";

/** Nothing, against its type, where TZ names a zone that ICU does not know (`TZ=:/etc/localtime`): its clock is UTC then. */
const systemZone = (): string | undefined => Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Wall {
  readonly date: string;
  readonly month: number;
  readonly day: number;
  readonly clock: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    const two = "2-digit";
    // Gregorian, Latin digits, 24 hours: nothing of it hangs on the machine's locale.
    format = new Intl.DateTimeFormat("en-GB-u-ca-gregory-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    formats.set(zone, format);
  }
  return format;
}

/** Clocks are changed at a quarter of an hour, or a minute behind it. */
const quarterMs = 15 * 60_000;
const offsets = new Map<string, Map<number, number | null>>();

/** The zone's offset in the quarter of an hour around a moment, ms; `null` where it changes in there. */
function steadyOffset(at: Date, zone: string): number | null {
  const known = offsets.get(zone) ?? new Map<number, number | null>();
  offsets.set(zone, known);
  const quarter = Math.floor(at.getTime() / quarterMs);
  const before = known.get(quarter);
  if (before !== undefined) return before;
  const ends = [quarter * quarterMs, (quarter + 1) * quarterMs - 1].map((ms) =>
    zoneOffset(new Date(ms), zone),
  );
  const steady = ends[0] === ends[1] ? (ends[0] ?? null) : null;
  known.set(quarter, steady);
  return steady;
}

/** By sums, where the offset is known: asking the calendar for each row takes longer than setting it. */
function wall(at: Date, zone: string): Wall {
  const offset = steadyOffset(at, zone);
  if (offset === null) return askedWall(at, zone);
  const text = new Date(at.getTime() + offset).toISOString();
  const [date = "", clock = ""] = text.slice(0, 19).split("T");
  return { date, month: Number(date.slice(-5, -3)), day: Number(date.slice(-2)), clock };
}

function askedWall(at: Date, zone: string): Wall {
  const part: Record<string, string> = {};
  for (const { type, value } of formatFor(zone).formatToParts(at)) part[type] = value;
  const { year = "", month = "", day = "", hour = "", minute = "", second = "" } = part;
  return {
    date: `${year}-${month}-${day}`,
    month: Number(month),
    day: Number(day),
    clock: `${hour}:${minute}:${second}`,
  };
}

/** `2026-11-22 06:02:11` on the wall clock of a zone. */
export function localTime(at: Date, zone: string): string {
  const { date, clock } = wall(at, zone);
  return `${date} ${clock}`;
}

/** `22 Nov 06:02`, `22.11. 06:02`, `11-22 06:02`. */
export function shortTime(at: Date, zone: string, language: ReportLanguage): string {
  return `${shortDay(at, zone, language)} ${clockTime(at, zone)}`;
}

/** `22 Nov`, `22.11.`, `11-22`. */
export function shortDay(at: Date, zone: string, language: ReportLanguage): string {
  const { day, month, date } = wall(at, zone);
  if (language === "de") return `${day}.${month}.`;
  if (language === "zh") return date.slice(5);
  return `${day} ${months[month - 1] ?? ""}`;
}

/** `06:02`. */
export const clockTime = (at: Date, zone: string): string => wall(at, zone).clock.slice(0, 5);

/** `2026-11-22T05:02:11Z`, whole seconds. */
export const utcTime = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/** Both clocks in one line. */
export const bothTimes = (at: Date, zone: string): string => `${localTime(at, zone)}, UTC ${utcTime(at)}`;

/** What the wall clock of a zone is ahead of UTC at a moment, ms. */
export function zoneOffset(at: Date, zone: string): number {
  const { date, clock } = askedWall(at, zone);
  return Date.parse(`${date}T${clock}Z`) - Math.floor(at.getTime() / 1000) * 1000;
}

/** The moment when the wall clock of a zone shows this time, given as if it were UTC. */
export function momentOf(wallClock: Date, zone: string): Date {
  const first = new Date(wallClock.getTime() - zoneOffset(wallClock, zone));
  // Once more with the offset of that moment: the clocks may have changed in between.
  return new Date(wallClock.getTime() - zoneOffset(first, zone));
}
