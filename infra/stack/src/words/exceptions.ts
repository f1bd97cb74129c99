import type { Place } from "./find-words.ts";

/** A word that stands where it means what it says; `times` in this file. */
export type Exception = { file: string; word: string; times: number; because: string };

/** Fewer than ten, each with its reason. */
export const exceptions: readonly Exception[] = [
  { file: "infra/stack/README.md", word: "nobody", times: 2, because: "a user of Unix systems is called so" },
  {
    ...{ file: "subgraphs/cart/src/domain/claim-cart.ts", word: "together", times: 1 },
    because: "a sentence to shoppers, of two carts",
  },
];

/** The places that no exception is for. */
export function withoutExceptions(places: readonly Place[], allowed: readonly Exception[]): Place[] {
  const left = new Map(allowed.map((it) => [`${it.file} ${it.word}`, it.times]));
  return places.filter(({ file, word }) => {
    const times = left.get(`${file} ${word}`) ?? 0;
    left.set(`${file} ${word}`, times - 1);
    return times <= 0;
  });
}
