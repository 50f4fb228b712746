import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { realClock } from "../../../src/lib/clock.ts";
import { openSocketCan, socketCanState } from "../../../src/transport/can/socketcan.ts";
import { bench, gangflash } from "../../e2e/gangflash.ts";
import { heldCan } from "../../tools/held-can.ts";
import { firmware, isFull, profileText, run, shipped, wantedFlash } from "./boards.ts";

const never = new AbortController().signal;
const nets = ["vcan7", "vcan8"] as const;
const [name] = nets;
const imageOf = (): Uint8Array => (isFull ? shipped("f103-boot20.bin") : firmware(4096));
const longMs = isFull ? 900_000 : 300_000;
const say = (program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

beforeAll(() => {
  for (const net of nets) {
    say("ip", "link", "add", net, "type", "vcan");
    say("ip", "link", "set", net, "up");
  }
});
afterAll(() => {
  for (const net of nets) say("ip", "link", "delete", net);
});

describe("a CAN slot over SocketCAN", () => {
  test(
    "F405s on two vcans pass, at 125k and at 1M, and their flash is the image",
    { timeout: longMs },
    async () => {
      const image = imageOf();
      const folder = bench({});
      const { got, flash } = await heldCan(
        nets.map(() => "STM32F405:can"),
        folder,
        () =>
          run(
            folder,
            nets.map((net, i) => ({
              name: `A${i}`,
              port: `can:socketcan:${net}`,
              bitrate: i === 0 ? 125_000 : 1_000_000,
            })),
            { image },
          ),
        nets,
      );
      expect(got.err).toBe("");
      for (const i of nets.keys()) {
        const unit = got.units.get(`A${i}`);
        expect(unit).toMatchObject({ outcome: "PASS", failure: null, simulated: false });
        console.log(`vcan, ${image.length} bytes: the unit ${((unit?.ms ?? 0) / 1000).toFixed(1)} s`);
        const wanted = wantedFlash(flash[i]?.length ?? 0, image, unit?.serial ?? "");
        expect(Buffer.compare(flash[i] ?? new Uint8Array(), wanted)).toBe(0);
      }
    },
  );

  test.each(["STM32G0B1", "STM32H743"])(
    "a %s passes over a vcan in FD frames, and its flash is the image",
    { timeout: longMs },
    async (chip) => {
      const image = imageOf();
      const folder = bench({});
      const slot = { name: "A1", port: `can:socketcan:${name}` };
      const profile = profileText().replace("STM32F405", chip);
      const { got, flash } = await heldCan(
        [`${chip}:can`],
        folder,
        () => run(folder, [slot], { image, profile }),
        [name],
      );
      const unit = got.units.get("A1");
      expect(unit, got.err).toMatchObject({ outcome: "PASS", failure: null });
      const wanted = wantedFlash(flash[0]?.length ?? 0, image, unit?.serial ?? "");
      expect(Buffer.compare(flash[0] ?? new Uint8Array(), wanted)).toBe(0);
    },
  );

  test("an interface that is gone is told as a lost adapter, to whoever sends and receives", async () => {
    say("ip", "link", "add", "vcan9", "type", "vcan");
    say("ip", "link", "set", "vcan9", "up");
    await using link = await openSocketCan("vcan9", { clock: realClock }, never);
    await link.setBitrate(125_000, null, never);
    await link.send({ id: 0x79, data: new Uint8Array(), fd: false }, never);
    const waits = link.receive(never).catch((error: unknown) => error);
    say("ip", "link", "delete", "vcan9");
    expect(await waits).toMatchObject({ code: "ADAPTER_LOST" });
    const sent = link.send({ id: 0x79, data: new Uint8Array(), fd: false }, never);
    await expect(sent).rejects.toMatchObject({ code: "ADAPTER_LOST" });
  });

  test(
    "one that is not there, and one that is down, are refused before the run",
    { timeout: longMs },
    async () => {
      say("ip", "link", "add", "vcan9", "type", "vcan");
      try {
        const ended = await gangflash(["probe", "can:socketcan:vcan9"]);
        expect([ended.code, ended.err]).toEqual([3, expect.stringContaining("is down")]);
        expect(await socketCanState("can77")).toContain("no such CAN interface");
      } finally {
        say("ip", "link", "delete", "vcan9");
      }
    },
  );

  test(
    "a channel on which nobody answers: probe ends with 1 and says so",
    async () => {
      const ended = await gangflash(["probe", `can:socketcan:${name}`]);
      expect(ended.code).toBe(1);
      expect(ended.err).toContain("LINK_SILENT");
    },
    longMs,
  );
});

describe("can-utils", () => {
  let dump: ChildProcess | null = null;
  afterAll(() => void dump?.kill());

  /** Sends one frame and gives what candump shows of it and its answer. */
  async function exchange(shown: string[], frame: string, frames: number): Promise<string> {
    const from = shown.length;
    say("cansend", name, frame);
    await vi.waitFor(() => expect(shown.length).toBeGreaterThanOrEqual(from + 1 + frames), 30_000);
    return shown.slice(from).join(" ");
  }

  // Frames of AN3154 and AN2662 (protocols/can-an3154.md, A3), byte by byte; the product id is that of STM32F405.
  test("talk with a simulated board by hand, and each frame is the one of the note", async () => {
    const folder = bench({});
    const data = "1122334455667788";
    const { flash } = await heldCan(
      ["STM32F405:can"],
      folder,
      async () => {
        const shown: string[] = [];
        dump = spawn("candump", ["-L", name], { stdio: ["ignore", "pipe", "inherit"] });
        dump.stdout?.on("data", (bytes: Buffer) => {
          for (const line of bytes.toString().split("\n"))
            if (line !== "") shown.push(line.split(" ").at(-1) ?? "");
        });
        await vi.waitFor(() => {
          say("cansend", name, "7FF#00");
          expect(shown.length).toBeGreaterThan(0);
        }, 30_000);
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(await exchange(shown, "079#", 1)).toBe("079# 079#79");
        expect(await exchange(shown, "000#", 16)).toBe(
          "000# 000#79 000#0C 000#20 000#00 000#01 000#02 000#03 000#11 000#21 000#31 000#43 000#63 000#73 000#82 000#92 000#79",
        );
        expect(await exchange(shown, "002#", 3)).toBe("002# 002#79 002#0413 002#79");
        expect(await exchange(shown, "031#0800000007", 1)).toBe("031#0800000007 031#79");
        expect(await exchange(shown, `004#${data}`, 2)).toBe(`004#${data} 031#79 031#79`);
        expect(await exchange(shown, "011#0800000007", 3)).toBe(`011#0800000007 011#79 011#${data} 011#79`);
      },
      [name],
    );
    expect(flash[0]?.subarray(0, 8).toString("hex")).toBe(data);
  }, 120_000);
});
