import { expect, test } from "vitest";
import { isText } from "./text.ts";

test.each(["", " ", "Ada", "😀👩‍👩‍👧", "\u202e\u0007", "x".repeat(10_000)])("%j can be kept", (text) =>
  expect(isText(text)).toBe(true),
);

test.each(["\0", "a\0b", "\ud83d", "a\udc00b"])("%j can't be kept", (text) =>
  expect(isText(text)).toBe(false),
);
