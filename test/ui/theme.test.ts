import { expect, test } from "vitest";
import { paintRow, themeOf } from "../../src/ui/theme.ts";
import type { Span } from "../../src/ui/theme.ts";

const painted = (...spans: readonly Span[]): string =>
  paintRow(spans, themeOf("256"))
    .replaceAll("\x1b[", "<")
    .replaceAll(/<([0-9;]*)m/g, "<$1>");

test("each paint is one sequence that ends the one before, and a row ends plain", () => {
  expect(
    painted({ text: "a", role: "plain" }, { text: "b", role: "quiet" }, { text: "c", role: "plain" }),
  ).toBe("a<0;38;5;243>b<>c");
  expect(painted({ text: "STOP", role: "act" })).toBe("<0;48;5;124;38;5;231>STOP<>");
  expect(painted({ text: "OK", role: "passWord" }, { text: "#", role: "passCell" })).toBe(
    "<0;48;5;28;38;5;231>OK<0;48;5;28> <>",
  );
  expect(painted({ text: "ab", role: "act" }, { text: "", role: "look" }, { text: "c", role: "act" })).toBe(
    "<0;48;5;124;38;5;231>abc<>",
  );
});
