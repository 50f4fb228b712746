/**
 * One piece of work after another, each begun before what came of the last one is told: a wire does not stand still
 * while a hash is taken or a screen is drawn. A piece that fails ends the row once the ones before it are told.
 */
export async function* ahead<T extends object, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): AsyncGenerator<{ readonly item: T; readonly result: R }, void, undefined> {
  const begin = (item: T | undefined): { readonly item: T; readonly done: Promise<R> } | null => {
    if (item === undefined) return null;
    const done = work(item);
    // It may fail while the last one is still being told; whoever waits for it hears of it then.
    done.catch(() => undefined);
    return { item, done };
  };
  let next = 0;
  for (let doing = begin(items[next]); doing !== null;) {
    const { item, done } = doing;
    const result = await done;
    next += 1;
    doing = begin(items[next]);
    yield { item, result };
  }
}
