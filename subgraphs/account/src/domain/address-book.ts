import { addressPart, type PostalAddress } from "@shop/events";
import type { Refusal } from "./refusal.ts";

/** An entry of an address book. A book that isn't empty has exactly one default. */
export type Address = PostalAddress & { id: string; isDefault: boolean };

export type Book = readonly Address[];

/** The book as it should be and the entry spoken of, or why not. */
export type BookEdit =
  | { book: Book; address: Address; refusal?: undefined }
  | { refusal: Refusal; book?: undefined; address?: undefined };

export const maxAddresses = 50;

/** The first entry becomes the default, a later one only on request. */
export function addAddress(book: Book, input: unknown, ask: { id: string; makeDefault: boolean }): BookEdit {
  if (book.length >= maxAddresses) {
    return refuse("INVALID_INPUT", `An address book takes at most ${maxAddresses} addresses.`, ["input"]);
  }
  const read = readAddress(input);
  if (read.refusal) return read;
  const isDefault = ask.makeDefault || book.length === 0;
  const address = { ...read.address, id: ask.id, isDefault };
  return { book: [...(isDefault ? withoutDefault(book) : book), address], address };
}

/** Replaces an entry. The default stays the default until another one is made it. */
export function updateAddress(
  book: Book,
  input: unknown,
  ask: { id: string; makeDefault: boolean },
): BookEdit {
  const known = book.find((address) => address.id === ask.id);
  if (!known) return unknownAddress;
  const read = readAddress(input);
  if (read.refusal) return read;
  const address = { ...read.address, id: ask.id, isDefault: known.isDefault || ask.makeDefault };
  const others = ask.makeDefault ? withoutDefault(book) : book;
  return { book: others.map((other) => (other.id === ask.id ? address : other)), address };
}

/** Takes an entry out; with the default gone, the oldest that is left becomes it. */
export function removeAddress(book: Book, id: string): BookEdit {
  const address = book.find((one) => one.id === id);
  if (!address) return unknownAddress;
  const [oldest, ...rest] = book.filter((one) => one.id !== id);
  if (!oldest) return { book: [], address };
  return { book: [{ ...oldest, isDefault: oldest.isDefault || address.isDefault }, ...rest], address };
}

/** The default first, then in order of age. */
export function inOrder(book: Book): Address[] {
  return book.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault));
}

function readAddress(
  input: unknown,
): { address: PostalAddress; refusal?: undefined } | { refusal: Refusal; address?: undefined } {
  const read = addressPart.safeParse(trimmed(input));
  if (read.success) return { address: read.data };
  const [issue] = read.error.issues;
  const path = (issue?.path ?? []).map(String);
  return refuse("INVALID_INPUT", `The address's ${issue?.message ?? "fields aren't valid"}.`, [
    "input",
    ...path,
  ]);
}

function trimmed(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  const entries = Object.entries(input);
  return Object.fromEntries(entries.map(([name, it]) => [name, typeof it === "string" ? it.trim() : it]));
}

function withoutDefault(book: Book): Address[] {
  return book.map((address) => ({ ...address, isDefault: false }));
}

function refuse(code: Refusal["code"], message: string, field: string[]): { refusal: Refusal } {
  return { refusal: { code, message, field } };
}

const unknownAddress = refuse("NOT_FOUND", "There is no such address.", ["id"]);
