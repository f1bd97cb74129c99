import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { orderTokenKeys, orderTokens } from "./order-token.ts";

const key = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;

test("an order's token fits that order alone, and can't be made up", () => {
  const tokens = orderTokens(orderTokenKeys.parse(key("a")));
  const token = tokens.of("ord_1");
  expect(tokens.fits("ord_1", token)).toBe(true);
  expect(tokens.of("ord_1")).toBe(token);
  for (const wrong of [
    null,
    undefined,
    "",
    "a",
    "a.",
    "a.x",
    `b${token.slice(1)}`,
    `${token}x`,
    token.slice(0, -1),
  ]) {
    expect(tokens.fits("ord_1", wrong)).toBe(false);
  }
  expect(tokens.fits("ord_2", token)).toBe(false);
});

test("a new key signs, the older ones still prove", () => {
  const [older, newer] = [key("old"), key("new")];
  const before = orderTokens(orderTokenKeys.parse(older)).of("ord_1");
  const tokens = orderTokens(orderTokenKeys.parse(`${newer},${older}`));
  expect(tokens.of("ord_1")).toMatch(/^new\./);
  expect(tokens.fits("ord_1", before)).toBe(true);
});

test.each(["", "a", "a:", "a:c2hvcnQ=", ":abc"])("the keys %j are refused at the start", (text) => {
  expect(orderTokenKeys.safeParse(text).success).toBe(false);
});
