import type { Document } from "../src/answer.ts";

/** A request of a stream: each has a document that was never sent before. */
export type Request = { query: Document; variables?: object; extensions?: object };

const page =
  "id title brand variants { sku title price { amount currency } availability { status quantity } }";
const more =
  "slug description status images { url alt } attributes { name value } category { id slug name parent { id slug name } " +
  "ancestors { id slug name } children { id slug name } } rating { average count histogram } " +
  "priceRange { min { amount currency } max { amount currency } }";
const fields = ["slug", "title", "brand", "description", "status", "images { url }", "attributes { name }"];

/** The nth request of each kind of stream. */
export const streams: Record<string, (n: number) => Request> = {
  "29 aliases": (n) => ({ query: `query Q${n} { ${aliases(n, 29)} }` }),
  "as many words as may be": (n) => ({ query: `query Q${n} { ${aliases(n, 29, `${page} ${more}`)} }` }),
  "other selections": (n) => {
    const chosen = fields.filter((_, at) => (n >> at) & 1);
    const nested = `related${n}: category { id name products(first: ${(n % 20) + 1}) { nodes { ${page} } } }`;
    return { query: `{ product(slug: "none-${n}") { ${["id", ...chosen].join(" ")} ${nested} } }` };
  },
  literals: (n) => ({
    query: `{ search(query: "headphone ${n}", first: ${(n % 10) + 1}) { totalCount nodes { ${page} } facets { name } } }`,
  }),
  "other names of one operation": (n) => ({
    query: `query Name${n} { search(first: 2) { nodes { ${page} } } }`,
  }),
  "conditions of variables": (n) => ({
    query: `query ($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!) { p${n}: search(first: 2) { nodes {
      id title @include(if: $a) brand @skip(if: $b) variants @include(if: $c) { sku price @skip(if: $d) { amount } }
    } } }`,
    variables: { a: n % 2 === 0, b: n % 3 === 0, c: true, d: n % 5 === 0 },
  }),
  fragments: (n) => ({
    query: `query { ${Array.from({ length: 12 }, (_, at) => `a${n}_${at}: product(slug: "x${at}") { ...F${n} }`).join(" ")} }
      fragment F${n} on Product { ${page} category { id name parent { id name } } }`,
  }),
  "not valid": (n) => ({ query: `{ product(slug: "x") { id no${n} ${aliases(n, 5)} } }` }),
  "not GraphQL": (n) => ({ query: `{ product(slug: "x${n}") { id ${"title ".repeat(200)}` }),
  "long comments": (n) => ({
    query: `{ search(first: 1) { nodes { id aLongAliasOf${n}: title } } } # ${"x".repeat(100_000)}`,
  }),
  writes: (n) => ({
    query: `mutation { c${n}: cartLinesRemove(cartId: "cart_none${n}", lineIds: ["l"]) { cart { id total { amount } } userErrors { code message } } }`,
  }),
  introspection: (n) => ({
    query: `query I${n} { __type(name: "T${n}") { name fields { name type { name } } } }`,
  }),
};

function aliases(n: number, count: number, selections = page): string {
  return Array.from(
    { length: count },
    (_, at) => `p${n}_${at}: product(slug: "s${n}-${at}") { ${selections} }`,
  ).join(" ");
}
