import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, InvalidPage, pageOf, pageSize } from "./pages.ts";

test("a page says whether more follows", () => {
  const page = pageOf({
    rows: [1, 2, 3],
    size: 2,
    after: null,
    totalCount: 9,
    cursorOf: (n) => encodeCursor([n]),
  });
  expect(page.nodes).toEqual([1, 2]);
  expect(page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  expect(decodeCursor(page.pageInfo.endCursor ?? "", ["number"])).toEqual([2]);
});

test.each([0, -1, 101, 1.5, 100_000])("a page of %d is refused", (first) => {
  expect(() => pageSize(first)).toThrow(InvalidPage);
});

test.each(["", "%%%", "bnVsbA", encodeCursor(["1"]), encodeCursor([1, 2]), "x".repeat(5000)])(
  "the forged cursor %j is refused",
  (cursor) => expect(() => decodeCursor(cursor, ["number"])).toThrow(InvalidPage),
);

test.each(["[1e400]", "[1e30]", "[-1e17]", "[null]"])("a cursor of the number %s is refused", (json) =>
  expect(() => decodeCursor(Buffer.from(json).toString("base64url"), ["number"])).toThrow(InvalidPage),
);

test("a cursor of text that no store takes is refused", () => {
  for (const text of ["a\0", "\ud800"]) {
    expect(() => decodeCursor(encodeCursor([text]), ["string"])).toThrow(InvalidPage);
  }
});
