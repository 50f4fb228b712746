import { expect, test } from "vitest";
import { watchUsb } from "../../../src/transport/usb/usb-bus.ts";

test("a wait that ends while the bus is still being looked at ends with its reason, and leaves no error behind", async () => {
  const looked = Promise.withResolvers<readonly never[]>();
  using watch = watchUsb(
    () => looked.promise,
    () => ({ [Symbol.dispose]: () => {} }),
  );
  const stop = new AbortController();
  const waiting = watch.whenThere("1-1", () => true, stop.signal);
  stop.abort(new Error("over"));
  // A whole turn, in which an error that nobody holds would end the program.
  await new Promise((resolve) => setImmediate(resolve));
  looked.resolve([]);
  await expect(waiting).rejects.toThrow("over");
});
