const number = String.raw`(?<![\p{L}\p{N}.,])(\p{N}+(?:[.,]\p{N}+)?)`;
const unit = String.raw`(?:["\u2033\u201d]|''|(?:inch|inches|zoll|pouces?|pulgadas?|in(?!\s*-?\s*\p{N}))(?![\p{L}\p{N}]))`;
const inches = new RegExp(`${number}[\\s-]*${unit}`, "giu");

/** Replaces a size in inches by its number alone, since products and shoppers write the unit in many ways. */
export function readInches(query: string): string {
  return query.replace(inches, "$1 ");
}
