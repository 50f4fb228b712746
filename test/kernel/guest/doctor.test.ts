import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { plugIn, program, stationText, timed } from "./boards.ts";

const rule = "/etc/udev/rules.d/60-gangflash.rules";
const devices = "/sys/bus/usb/devices";

beforeAll(async () => {
  const { code, err } = await timed(process.execPath, [program, "doctor", "--write-udev"]);
  if (code !== 0) throw new Error(err);
  execFileSync("udevadm", ["control", "--reload"]);
});
afterAll(() => {
  rmSync(rule, { force: true });
  spawnSync("udevadm", ["control", "--reload"]);
});

const dialout = (): number =>
  Number(execFileSync("getent", ["group", "dialout"], { encoding: "utf8" }).split(":")[2]);

test(
  "the udev rule that is written gives boards, adapters and hub ports to the group, and keeps boards awake",
  { timeout: 240_000 },
  async () => {
    await using bench = await plugIn([{ board: "STM32F405:usb" }, { board: "STM32F405:uart" }], {
      pace: "fast",
    });
    const path = bench.held[0]?.port.slice("usb:".length) ?? "";
    const own = (name: string): string =>
      execFileSync("cat", [join(devices, path, name)], { encoding: "utf8" })
        .trim()
        .padStart(3, "0");
    const group = dialout();
    const isOurs = (file: string): void => {
      const { mode, gid } = statSync(file);
      expect({ file, mode: mode & 0o777, gid }).toEqual({ file, mode: 0o660, gid: group });
    };
    const soon = { timeout: 30_000, interval: 500 };
    await vi.waitFor(() => isOurs(`/dev/bus/usb/${own("busnum")}/${own("devnum")}`), soon);
    await vi.waitFor(() => isOurs("/dev/ttyACM0"), soon);
    expect(own("power/control").replace(/^0/, "")).toBe("on");

    // A hub that was there before the rule hears of it as one that is plugged in later would.
    execFileSync("udevadm", ["trigger", "--action=bind", "--subsystem-match=usb"]);
    const root = `usb${path.split("-")[0] ?? ""}`;
    const hub = join(devices, `${path.split("-")[0] ?? ""}-0:1.0`);
    const port = readdirSync(hub).find((name) => name.startsWith(`${root}-port`)) ?? "";
    const disable = join(hub, port, "disable");
    expect(existsSync(disable), "Linux 6.0 and newer switch a port by its file").toBe(true);
    await vi.waitFor(() => isOurs(disable), soon);

    const station = join(bench.folder, "station.yaml");
    writeFileSync(station, stationText(bench.held));
    const words = ["doctor", "--json", "--station", station, "--data", join(bench.folder, "data")];
    const { out } = await timed(process.execPath, [program, ...words]);
    const checks = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { what?: string; state?: string; seen?: string });
    const stateOf = (what: string): string => {
      const found = checks.find((check) => check.what === what);
      return `${found?.state} ${found?.seen}`;
    };
    expect(stateOf("udev rule")).toBe(`ok ${rule}, current`);
    expect(stateOf("slot S1")).toContain(`ok usb:${path}, STMicroelectronics STM32`);
    expect(stateOf("slot S2")).toContain("ok uart:");
    expect(stateOf(`usb:${path}`)).toContain("ours to use");
    expect(stateOf("USB autosuspend")).toContain("ok");
  },
);
