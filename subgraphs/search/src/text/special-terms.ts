// Terms with a sign in front, which no word has: they match only where a query asks for them on purpose.

/** A whole short id: the query "8", where a product has that id, means that product. */
export function wholeIdTerm(id: string): string {
  return `#${id}`;
}

/** A feature that a product has ("touchscreen: yes"): it describes the product, and never names it. */
export function featureTerm(name: string): string {
  return `+${name}`;
}

/** Something that a product lacks or differs from: "without cable", "non-stick". */
export function lackingTerm(word: string): string {
  return `-${word}`;
}
