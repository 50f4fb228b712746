export interface Measured {
  readonly what: string;
  /** ms: processor time of this process for what only computes, else the clock's. */
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
  /** At most this; `null`: nothing is promised. */
  readonly goal: number | null;
  /** Most memory that the process had when ours was done, MiB. */
  readonly peakMiB: number;
}

export const measured = (what: string, ours: number, bare: number, goal: number | null): Measured => ({
  what,
  ours,
  bare,
  ratio: ours / bare,
  goal,
  peakMiB: peakMiB(),
});

/** ru_maxrss of Linux and macOS through Node: KiB. */
export const peakMiB = (): number => process.resourceUsage().maxRSS / 1024;

/** Processor time, ms: what other programs take of a busy machine does not count. The file is in memory by then. */
export async function processor<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly ms: number; readonly out: T }> {
  const begin = process.cpuUsage();
  const out = await work();
  return { ms: since(begin), out };
}

/** The same for work that does not wait. */
export function processorNow<T>(work: () => T): { readonly ms: number; readonly out: T } {
  const begin = process.cpuUsage();
  const out = work();
  return { ms: since(begin), out };
}

function since(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}
