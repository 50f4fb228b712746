import type { Figures, Programmer } from "./measure.ts";

/** What is asked of the figures: at most so much. */
const goals = { ratio: 0.82, difference: 0.03 } as const;

export interface Summary {
  readonly image: string;
  readonly bytes: number;
  readonly blankShare: number;
  readonly baud: number;
  readonly rounds: number;
  /** Medians; `null` where stm32flash is not installed. */
  readonly gangflash: Derived;
  readonly stm32flash: Derived | null;
  readonly ratios: { readonly wall: number; readonly need: number } | null;
  readonly differences: { readonly wall: number; readonly port: number } | null;
}

export interface Derived extends Figures {
  /** What wire and flash need together. */
  readonly need: number;
  /** Of the whole command, over what wire and flash need: 0.01 is one per cent. */
  readonly lossWall: number;
  /** The same from the first byte to the last answer, without start and end of the program. */
  readonly lossPort: number;
}

export function summary(
  image: { readonly name: string; readonly bytes: number; readonly blankShare: number },
  baud: number,
  rounds: readonly ReadonlyMap<Programmer, Figures>[],
): Summary {
  const of = (name: Programmer): Derived[] =>
    rounds.flatMap((round) => {
      const figures = round.get(name);
      return figures === undefined ? [] : [derived(figures)];
    });
  const ours = of("gangflash");
  const theirs = of("stm32flash");
  const both = (f: (us: Derived, them: Derived) => number): number =>
    median(ours.flatMap((us, i) => (theirs[i] === undefined ? [] : [f(us, theirs[i])])));
  const alone = theirs.length === 0;
  return {
    image: image.name,
    bytes: image.bytes,
    blankShare: image.blankShare,
    baud,
    rounds: rounds.length,
    gangflash: medians(ours),
    stm32flash: alone ? null : medians(theirs),
    ratios: alone
      ? null
      : { wall: both((us, them) => us.wall / them.wall), need: both((us, them) => us.need / them.need) },
    differences: alone
      ? null
      : {
          wall: both((us, them) => us.lossWall - them.lossWall),
          port: both((us, them) => us.lossPort - them.lossPort),
        },
  };
}

function derived(figures: Figures): Derived {
  const need = figures.wire + figures.flash;
  return { ...figures, need, lossWall: figures.wall / need - 1, lossPort: figures.port / need - 1 };
}

function medians(all: readonly Derived[]): Derived {
  const of = (key: keyof Derived): number => median(all.map((one) => one[key]));
  return {
    wall: of("wall"),
    cpu: of("cpu"),
    port: of("port"),
    bytesSent: of("bytesSent"),
    bytesReceived: of("bytesReceived"),
    wire: of("wire"),
    flash: of("flash"),
    need: of("need"),
    lossWall: of("lossWall"),
    lossPort: of("lossPort"),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** For people: at most 80 columns. */
export function tableText(sum: Summary): string {
  const { gangflash: us, stm32flash: them, ratios, differences } = sum;
  const seconds = (value: number): string => value.toFixed(2);
  const whole = (value: number): string => value.toFixed(0);
  const share = (value: number): string => value.toFixed(3);
  const row = (name: string, ours: string, theirs: string, last = "", note = ""): string =>
    [
      name.padEnd(29),
      ours.padStart(11),
      theirs.padStart(12),
      last.padStart(9),
      note === "" ? "" : `  ${note}`,
    ]
      .join("")
      .trimEnd();
  const figure = (
    name: string,
    key: keyof Derived,
    text: (value: number) => string,
    last = "",
    note = "",
  ): string => row(name, text(us[key]), them === null ? "-" : text(them[key]), last, note);
  const goal = (value: number, most: number): string => `${value <= most ? "goal" : "missed"} ${most}`;
  const ratio = (value: number | undefined): string => (value === undefined ? "" : share(value));
  return [
    "A simulated STM32F405 behind a pty, at the pace of a real bench; all verified",
    `${sum.image}: ${sum.bytes} bytes, ${(sum.blankShare * 100).toFixed(0)} % of its blocks blank; ${sum.baud} baud; ` +
      (sum.rounds === 1 ? "one round" : `medians of ${sum.rounds} rounds`),
    "",
    row("", "gangflash", "stm32flash", "ratio"),
    figure(
      "whole command, s",
      "wall",
      seconds,
      ratio(ratios?.wall),
      ratios === null ? "" : goal(ratios.wall, goals.ratio),
    ),
    figure("processor, s", "cpu", seconds),
    figure("first byte to last answer, s", "port", seconds),
    figure("bytes sent", "bytesSent", whole),
    figure("bytes received", "bytesReceived", whole),
    figure("wire needs, s", "wire", seconds),
    figure("flash needs, s", "flash", seconds),
    figure("both need, s", "need", seconds, ratio(ratios?.need), ratios === null ? "" : "bound"),
    "",
    row("", "", "", "difference"),
    figure(
      "lost, whole command",
      "lossWall",
      share,
      ratio(differences?.wall),
      differences === null ? "" : goal(differences.wall, goals.difference),
    ),
    figure(
      "lost, first to last byte",
      "lossPort",
      share,
      ratio(differences?.port),
      differences === null ? "" : goal(differences.port, goals.difference),
    ),
    "Lost: time over what wire and flash need for the programmer's own bytes, less 1.",
    ...(them === null ? ["stm32flash is not installed: nothing to compare with."] : []),
  ].join("\n");
}
