import { expect, test, vi } from "vitest";
import { dfuBootloader } from "../../../src/protocol/dfu/dfu-bootloader.ts";
import { cyclePower, hubFacts, hubOf } from "../../../src/transport/usb/hub-power.ts";
import { twinOf } from "../../../src/transport/usb/hub-sockets.ts";
import { watchUsb } from "../../../src/transport/usb/usb-bus.ts";
import { dfuSlot } from "../../../src/transport/usb/usb.ts";
import { countedBoard } from "./counted.ts";

const never = new AbortController().signal;

// The virtual hub has no power to switch: what a cycle does there is what the kernel makes of it.
test(
  "a socket that is cycled by its file brings its board back at the same path, freshly enumerated",
  { timeout: 120_000 },
  async () => {
    await using counted = await countedBoard("STM32F405", { pace: "fast" });
    // The library lists no root hubs: what they say of themselves stays unknown.
    expect(await hubFacts(hubOf(counted.path).hub, never)).toBeNull();
    using watch = watchUsb();
    const enumeration = async (): Promise<string | undefined> =>
      (await watch.now()).find(({ path }) => path === counted.path)?.enumeration;
    // The watch may hear of it a moment after the kernel has its path.
    const before = await vi.waitFor(
      async () => {
        const seen = await enumeration();
        expect(seen).toBeDefined();
        return seen;
      },
      { timeout: 30_000, interval: 200 },
    );
    const own = hubOf(counted.path);
    const twin = twinOf(own, [], "/sys");
    console.log(
      `the other half of ${own.hub} port ${own.number}: ${twin?.hub ?? "none"} port ${twin?.number ?? "-"}`,
    );
    const end = await cyclePower(counted.path, never);
    console.log(end.text);
    expect(end.done).toBe(true);
    expect(end.text).toContain("by the port's file");
    await using loader = await dfuBootloader(await dfuSlot(counted.path, watch).open(never), never);
    expect((await loader.identify(never)).memoryStrings[0]).toContain("@Internal Flash");
    expect(await enumeration()).not.toBe(before);
  },
);
