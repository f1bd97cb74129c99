import type { PostalAddress } from "@shop/events";
import { readAddress, userError } from "@shop/values";
import type { UserError } from "./user-error.ts";

/** An entry of an address book. A book with entries has exactly one default. */
export type Address = PostalAddress & { id: string; isDefault: boolean };

export type Book = readonly Address[];

/** A rule's decision: the book's next state and the entry that the edit is about, or the error. */
export type BookEdit =
  | { book: Book; address: Address; error?: undefined }
  | { error: UserError; book?: undefined; address?: undefined };

export const maxAddresses = 50;

/** Adds an entry. The first entry becomes the default, a later one only with `makeDefault`. */
export function addAddress(book: Book, input: object, entry: { id: string; makeDefault: boolean }): BookEdit {
  if (book.length >= maxAddresses) {
    const message = `An address book takes at most ${maxAddresses} addresses.`;
    return { error: userError("INVALID_INPUT", message, ["input"]) };
  }
  const read = readInput(input);
  if (read.error) return read;
  const isDefault = entry.makeDefault || book.length === 0;
  const address = { ...read.address, id: entry.id, isDefault };
  return { book: [...(isDefault ? withoutDefault(book) : book), address], address };
}

/** Replaces an entry. The default stays the default until another entry becomes it. */
export function updateAddress(
  book: Book,
  input: object,
  entry: { id: string; makeDefault: boolean },
): BookEdit {
  const before = book.find((address) => address.id === entry.id);
  if (!before) return unknownAddress;
  const read = readInput(input);
  if (read.error) return read;
  const address = { ...read.address, id: entry.id, isDefault: before.isDefault || entry.makeDefault };
  const others = entry.makeDefault ? withoutDefault(book) : book;
  return { book: others.map((other) => (other.id === entry.id ? address : other)), address };
}

/** Removes an entry; when it was the default, the oldest remaining entry becomes it. */
export function removeAddress(book: Book, id: string): BookEdit {
  const address = book.find((one) => one.id === id);
  if (!address) return unknownAddress;
  const [oldest, ...rest] = book.filter((one) => one.id !== id);
  if (!oldest) return { book: [], address };
  return { book: [{ ...oldest, isDefault: oldest.isDefault || address.isDefault }, ...rest], address };
}

/** The default first, then the other entries, oldest first. */
export function inOrder(book: Book): Address[] {
  return book.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault));
}

function readInput(
  input: object,
): { address: PostalAddress; error?: undefined } | { error: UserError; address?: undefined } {
  const { address, errors } = readAddress(input);
  const [first] = errors;
  if (address) return { address };
  return {
    error: userError("INVALID_INPUT", first?.message ?? "This is no address.", [
      "input",
      first?.field ?? "name",
    ]),
  };
}

function withoutDefault(book: Book): Address[] {
  return book.map((address) => ({ ...address, isDefault: false }));
}

const unknownAddress: BookEdit = { error: userError("NOT_FOUND", "There is no such address.", ["id"]) };
