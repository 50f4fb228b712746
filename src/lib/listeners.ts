/** Those who want to hear of something, until each of them is disposed. */
export interface Listeners<Told extends readonly unknown[]> {
  readonly add: (listener: (...told: Told) => void) => Disposable;
  readonly tell: (...told: Told) => void;
}

export function listeners<Told extends readonly unknown[]>(): Listeners<Told> {
  const all = new Set<(...told: Told) => void>();
  return {
    add(listener) {
      all.add(listener);
      return { [Symbol.dispose]: () => void all.delete(listener) };
    },
    tell(...told) {
      for (const listener of all) listener(...told);
    },
  };
}
