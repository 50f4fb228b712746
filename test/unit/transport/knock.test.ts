import { describe, expect, test } from "vitest";
import { Fault } from "../../../src/model/fault.ts";
import { openPty } from "../../../src/sim/os/pty.ts";
import { knock } from "../../../src/transport/knock.ts";
import { ptyHere } from "../sim/os/pty-here.ts";

const never = new AbortController().signal;

describe.skipIf(!ptyHere)("a command to an application", () => {
  test("goes out byte by byte, and the port is free again", async () => {
    const heard: number[] = [];
    using pty = await openPty({
      opened: () => undefined,
      bytes: (bytes) => void heard.push(...bytes),
      closed: () => undefined,
    });
    await knock(pty.path, 115_200, Buffer.from("dfu\r\n", "latin1"), never);
    await knock(pty.path, 1200, new Uint8Array(), never);
    await knock(pty.path, 115_200, Buffer.from("\xff", "latin1"), never);
    expect(heard).toEqual([...Buffer.from("dfu\r\n"), 0xff]);
  });

  test("to a port that is not there is a fault of the station", async () => {
    const end = knock("/dev/no-such-port", 1200, new Uint8Array(), never);
    await expect(end).rejects.toBeInstanceOf(Fault);
    await expect(end).rejects.toMatchObject({ code: "ADAPTER_LOST", verdict: "ERROR" });
  });
});
