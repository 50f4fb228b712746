import { describe, expect, test } from "vitest";
import { teachPorts } from "../../../src/config/teach-ports.ts";

const file = `# my bench, do not touch
station:   line1 # the old one
slots:
  - { name: A1, port: "usb:1-1.1" } # left
  # the broken socket was here
  - name: B2
    port: usb:1-1.2 # right
    supply: 3.3
`;

describe("a station file that is taught", () => {
  test("gets its ports, and keeps every other letter of it", () => {
    const taught = teachPorts(
      file,
      new Map([
        [1, "usb:1-4.7"],
        [0, "uart:/dev/serial/by-path/x"],
      ]),
    );
    expect(taught).toBe(
      file.replace('"usb:1-1.1"', '"uart:/dev/serial/by-path/x"').replace("usb:1-1.2 #", '"usb:1-4.7" #'),
    );
  });

  test("is left alone where a slot has no port of its own", () => {
    expect(teachPorts("slots:\n  - &a { name: A1, port: x }\n  - *a\n", new Map([[1, "y"]]))).toBeNull();
    expect(teachPorts(file, new Map([[7, "usb:1-1"]]))).toBeNull();
  });
});
