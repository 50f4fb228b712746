/** One queue with one reader: everything that comes to a bench, in the order it came. */
export class Inbox<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #wake: (() => void) | null = null;
  #closed = false;

  post(message: T): void {
    if (this.#closed) return;
    this.#waiting.push(message);
    this.#wake?.();
  }

  /** What was posted before is still read; then the reader's loop ends. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) {
        yield message;
        continue;
      }
      if (this.#closed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }
}
