import type { LineChoice } from "../../model/station.ts";
import type { Wiring } from "../../sim/os/wired-board.ts";

const lines: readonly LineChoice[] = ["dtr", "rts", "!dtr", "!rts", "none"];

/** `boot0=rts,reset=!dtr`, spelled as in a station file, or the sentence that says what is wrong. */
export function wiringOf(words: string): Wiring | string {
  const wiring: { boot0: LineChoice; reset: LineChoice } = { boot0: "none", reset: "none" };
  if (words === "none") return wiring;
  for (const word of words.split(",")) {
    const [pin = "", name = ""] = word.trim().split("=");
    const line = lines.find((one) => one === name);
    if ((pin !== "boot0" && pin !== "reset") || line === undefined)
      return `"${word}" found, boot0= or reset= and one of ${lines.join(", ")} was expected`;
    wiring[pin] = line;
  }
  const drives = (line: LineChoice): string => line.replace("!", "");
  if (wiring.boot0 !== "none" && drives(wiring.boot0) === drives(wiring.reset))
    return `${drives(wiring.reset)} found twice, each pin needs a line of its own`;
  return wiring;
}
