const number = String.raw`(?<![\p{L}\p{N}.,])(\p{N}+(?:[.,]\p{N}+)?)`;
const unit = String.raw`(?:["\u2033\u201d]|''|(?:inch|inches|zoll|pouces?|pulgadas?|in(?!\s*-?\s*\p{N}))(?![\p{L}\p{N}]))`;
const inches = new RegExp(`${number}[\\s-]*${unit}`, "giu");

/** A size of so many inches as the number alone: products write it in as many ways as shoppers do. */
export function readInches(query: string): string {
  return query.replace(inches, "$1 ");
}
