import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { signalCommands } from "../../../../src/cli/line/signal-commands.ts";
import { dataFolder } from "../../store/books.ts";

const node = process.execPath;

test("a signal runs its own command, word by word and without a shell", async () => {
  const file = join(dataFolder(), "said");
  const program = `require("fs").writeFileSync(${JSON.stringify(file)}, process.argv[1])`;
  const signal = signalCommands({ fail: [node, "-e", program, "$(id); `id` > x"] }, () => {});
  signal("pass");
  signal("fail");
  await vi.waitFor(
    () => expect(existsSync(file) && readFileSync(file, "utf8")).toBe("$(id); `id` > x"),
    20_000,
  );
});

test.each([
  ["that is not there", ["/no/such/program"], "ENOENT"],
  ["that fails", [node, "-e", "process.exit(7)"], "7"],
] as const)("a command %s is told and stops nothing", async (_name, command, why) => {
  const told: string[] = [];
  signalCommands({ pass: command }, (signal, reason) => told.push(`${signal} ${reason}`))("pass");
  await vi.waitFor(() => expect(told).toHaveLength(1), 20_000);
  expect(told[0]).toContain(why);
});
