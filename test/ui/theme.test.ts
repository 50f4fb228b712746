import { expect, test } from "vitest";
import { paintRow, themeOf } from "../../src/ui/theme.ts";
import type { Span } from "../../src/ui/theme.ts";

const painted = (...spans: readonly Span[]): string =>
  paintRow(spans, themeOf("256"))
    .replaceAll("\x1b[", "<")
    .replaceAll(/<([0-9;]+)m/g, "<$1>");

// As Ink writes it: what it finds in this form it does not take apart a second time.
test("each style of a row is ended by its own code, and only where the next one does not replace it", () => {
  expect(
    painted({ text: "a", role: "plain" }, { text: "b", role: "quiet" }, { text: "c", role: "plain" }),
  ).toBe("a<38;5;244>b<39>c");
  expect(painted({ text: "STOP", role: "act" })).toBe("<48;5;124><38;5;231>STOP<39><49>");
  expect(painted({ text: "OK", role: "passWord" }, { text: "#", role: "passCell" })).toBe(
    "<48;5;28><38;5;231>OK<39><48;5;34> <49>",
  );
  expect(painted({ text: "#", role: "runCell" }, { text: ".", role: "restCell" })).toBe(
    "<48;5;33> <49><7> <27>",
  );
});
