import { generateProducts } from "@shop/stack";

type Drawn = { query: string; first: number; filters: { priceMin?: string; inStock?: boolean } };

const sampledProducts = 5_000;

/** Words of the catalogue, as shoppers ask for it. The same seed draws the same. */
export function drawnFromCatalogue(seed: number) {
  const chance = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const words = [...generateProducts(sampledProducts)].map(({ title, attributes, variants }) => {
    const text = [
      title,
      ...attributes.map(({ value }) => value),
      ...variants.map((one) => one.title ?? ""),
    ].join(" ");
    return [...new Set(text.toLowerCase().match(/\p{L}{3,}/gu))];
  });
  const all = [...new Set(words.flat())];
  const drawn = new Set<string>();

  const draw = (): Drawn => {
    // Half of the queries are words of one product, the others of any products, and may find nothing.
    const source = chance() < 0.5 ? pick(words) : all;
    const query = Array.from({ length: 1 + Math.floor(chance() * 3) }, () => pick(source)).join(" ");
    const isFiltered = chance() < 0.3;
    const priceMin = (chance() * 50).toFixed(2);
    const filters = isFiltered ? { priceMin, ...(chance() < 0.5 && { inStock: true }) } : {};
    return { query, first: 12 + Math.floor(chance() * 17), filters };
  };
  return {
    /** A search that was never drawn before, so that no cache can know it. */
    freshSearch(): Drawn {
      for (;;) {
        const one = draw();
        const key = JSON.stringify(one);
        if (drawn.has(key)) continue;
        drawn.add(key);
        return one;
      }
    },
    /** The beginning of a query. */
    prefix(): string {
      const source = pick(words);
      const word = pick(source);
      const before = chance() < 0.4 ? `${pick(source)} ` : "";
      return before + word.slice(0, 1 + Math.floor(chance() * word.length));
    },
  };
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
