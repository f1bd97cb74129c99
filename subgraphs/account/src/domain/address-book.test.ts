import { describe, expect, it } from "vitest";
import {
  addAddress,
  inOrder,
  maxAddresses,
  removeAddress,
  updateAddress,
  type Book,
} from "./address-book.ts";

const input = {
  name: "Ada",
  line1: "Main St 1",
  city: "Springfield",
  region: "IL",
  postalCode: "12345",
  country: "US",
};

function bookOf(count: number): Book {
  return Array.from({ length: count }, (_, at) => ({ ...input, id: `adr_${at}`, isDefault: at === 0 }));
}

const defaults = (book: Book | undefined) =>
  (book ?? []).filter((address) => address.isDefault).map((address) => address.id);

describe("an address book", () => {
  it("makes its first address the default, and later ones only on request", () => {
    expect(defaults(addAddress([], input, { id: "a", makeDefault: false }).book)).toEqual(["a"]);
    expect(defaults(addAddress(bookOf(2), input, { id: "a", makeDefault: false }).book)).toEqual(["adr_0"]);
    expect(defaults(addAddress(bookOf(2), input, { id: "a", makeDefault: true }).book)).toEqual(["a"]);
  });

  it("keeps the default where an update doesn't make another one it", () => {
    const update = (id: string, makeDefault: boolean) =>
      defaults(updateAddress(bookOf(3), input, { id, makeDefault }).book);
    expect(update("adr_0", false)).toEqual(["adr_0"]);
    expect(update("adr_1", false)).toEqual(["adr_0"]);
    expect(update("adr_1", true)).toEqual(["adr_1"]);
  });

  it("hands the default to the oldest that is left", () => {
    expect(defaults(removeAddress(bookOf(3), "adr_0").book)).toEqual(["adr_1"]);
    expect(defaults(removeAddress(bookOf(3), "adr_1").book)).toEqual(["adr_0"]);
    expect(removeAddress(bookOf(1), "adr_0").book).toEqual([]);
  });

  it("lists the default first", () => {
    const { book = [] } = addAddress(bookOf(2), input, { id: "new", makeDefault: true });
    expect(inOrder(book).map((address) => address.id)).toEqual(["new", "adr_0", "adr_1"]);
  });

  it.each([
    [{ country: "XX" }, ["input", "country"]],
    [{ name: "  " }, ["input", "name"]],
    [{ postalCode: "" }, ["input", "postalCode"]],
  ])("refuses %j", (wrong, field) => {
    const { error } = addAddress([], { ...input, ...wrong }, { id: "a", makeDefault: false });
    expect(error).toMatchObject({ code: "INVALID_INPUT", field });
  });

  it("refuses one too many, and what it doesn't hold", () => {
    expect(addAddress(bookOf(maxAddresses), input, { id: "a", makeDefault: false }).error?.code).toBe(
      "INVALID_INPUT",
    );
    expect(updateAddress(bookOf(1), input, { id: "b", makeDefault: true }).error?.code).toBe("NOT_FOUND");
    expect(removeAddress(bookOf(1), "b").error?.code).toBe("NOT_FOUND");
  });
});
