function format(timezone: string | null, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-GB", timezone === null ? options : { ...options, timeZone: timezone });
  } catch {
    // An unknown zone is the station file's mistake, found elsewhere; the screen goes on with the machine's.
    return new Intl.DateTimeFormat("en-GB", options);
  }
}

const formats = new Map<string, { day: Intl.DateTimeFormat; clock: Intl.DateTimeFormat }>();

function formatsOf(timezone: string | null): { day: Intl.DateTimeFormat; clock: Intl.DateTimeFormat } {
  const key = timezone ?? "";
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = {
    day: format(timezone, { day: "2-digit", month: "short", year: "numeric" }),
    clock: format(timezone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  };
  formats.set(key, made);
  return made;
}

const valid = (at: Date): boolean => !Number.isNaN(at.getTime());

/** `22 Nov 2026`: month by name, so that no reader takes it for the day. */
export function dayText(at: Date, timezone: string | null): string {
  if (!valid(at)) return "?";
  const parts = new Map(
    formatsOf(timezone)
      .day.formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
  return `${parts.get("day") ?? ""} ${(parts.get("month") ?? "").slice(0, 3)} ${parts.get("year") ?? ""}`;
}

/** `10:42`. */
export const clockText = (at: Date, timezone: string | null): string =>
  valid(at) ? formatsOf(timezone).clock.format(at) : "?";
