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
