/** A seeded source of chance: the same seed, the same history. */
export type Random = {
  /** True in this share of calls. */
  is(share: number): boolean;
  /** 0 to below `end`. */
  below(end: number): number;
  /** One of them; throws when there is none. */
  oneOf<T>(items: readonly T[]): T;
};

/** Mulberry32, good enough to shuffle messages. */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    is: (share) => next() < share,
    below: (end) => Math.floor(next() * end),
    oneOf<T>(items: readonly T[]): T {
      if (items.length === 0) throw new Error("there is nothing to choose from");
      return items[Math.floor(next() * items.length)] as T;
    },
  };
}
