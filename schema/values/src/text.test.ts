import { expect, test } from "vitest";
import { foldedText, isEmail, isText, normalEmail, normalLines, normalText, skuKey } from "./text.ts";

test.each(["", " ", "Ada", "😀👩‍👩‍👧", "\u202e\u0007", "x".repeat(10_000)])("%j can be kept", (text) =>
  expect(isText(text)).toBe(true),
);

test.each(["\0", "a\0b", "\ud83d", "a\udc00b"])("%j can't be kept", (text) =>
  expect(isText(text)).toBe(false),
);

const decomposed = "José@Münch\u200ben.test".normalize("NFD");

test.each([
  [" ADA@Shop.Test\n", "ada@shop.test"],
  [decomposed, "josé@münchen.test"],
  ["josé@XN--MNCHEN-3YA.test", "josé@münchen.test"],
  ["josé@ｍünchen。test", "josé@münchen.test"],
  ["a\u200bd\u2060a\u00ad@\ufeffshop.test", "ada@shop.test"],
  ["a\u034fda\ufe0f@shop.test", "ada@shop.test"],
  ["ΟΔΟΣ@shop.test", "οδοσ@shop.test"],
  ["οδος@shop.test", "οδοσ@shop.test"],
  ["no address", "no address"],
  ["a@b/../c", "a@b/../c"],
  ["a@xn--\u0000", "a@xn--"],
])("the e-mail %j is kept as %j, which stays as it is", (given, kept) => {
  expect(normalEmail(given)).toBe(kept);
  expect(normalEmail(kept)).toBe(kept);
});

test("normal text keeps its case and has single blanks", () => {
  expect(normalText("  Ada\u00a0\t King\u200e ")).toBe("Ada King");
  expect(foldedText("Ada  KING")).toBe("ada king");
});

test.each([
  "jürgen@münchen.test",
  "user!name@shop.test",
  "a#$%&'*+/=?^_`{|}~-z@shop.test",
  "j\u00fcrgen@xn--mnchen-3ya.test",
  "用户@例え.テスト",
  " ADA+1@Shop.Test ",
  `${"a".repeat(244)}@shop.test`,
])("%j is an e-mail address", (text) => expect(isEmail(normalEmail(text))).toBe(true));

test.each([
  ...[
    "ada",
    "a da@shop.test",
    "ada@shop",
    "ada@shop..test",
    ".ada@shop.test",
    "a..b@shop.test",
    "a.@shop.test",
  ],
  ...["<b>ada@shop.test", "a@shop.test,b@shop.test", "ada@[127.0.0.1]", "a@b@shop.test", `"a b"@shop.test`],
  ...["@shop.test", "ada@", "ada@shop.test/x", `${"a".repeat(245)}@shop.test`, ""],
])("%j is none", (text) => expect(isEmail(normalEmail(text))).toBe(false));

test.each([
  ["SKU-1", "sku-1"],
  [" SKU\u00ad-1\u200b", "SKU-1"],
  ["SKU\u20111", "SKU-1"],
  ["SKU–1", "SKU-1"],
  ["ＳＫＵ－１", "SKU-1"],
  ["ТЕА 1", "TEA  1"],
  ["ΤΕΑ", "tea"],
  ["Cafe\u0301", "CAFÉ"],
])("the SKUs %j and %j look alike", (one, other) => expect(skuKey(one)).toBe(skuKey(other)));

test.each([
  ["A-1", "A1"],
  ["A-10", "A-1O"],
  ["CAFE", "CAFÉ"],
  ["Ж-1", "X-1"],
])("the SKUs %j and %j are two", (one, other) => expect(skuKey(one)).not.toBe(skuKey(other)));

test("text of several lines keeps its paragraphs", () => {
  expect(normalLines(" One \u200b two\r\n\r\n\n\n three\u2028four \n")).toBe("One two\n\nthree\nfour");
});
