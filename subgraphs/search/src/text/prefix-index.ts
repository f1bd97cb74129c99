import { ApproximateLru } from "../cache/approximate-lru.ts";

const maxUnsorted = 1_000;
const maxCachedPrefixes = 250;
const cacheTtlMs = 10_000;
const isWord = /^\p{L}{3,}$/u;

/** A sorted array of words, for completions by prefix. New words are scanned until there are many, then sorted in. */
export class PrefixIndex {
  private readonly terms: readonly string[];
  private sorted = new Uint32Array();
  /** How many terms are sorted; later ones are scanned. */
  private sortedTerms = 0;
  private readonly cache = new ApproximateLru<string, { ids: number[]; until: number }>(maxCachedPrefixes);

  constructor(terms: readonly string[]) {
    this.terms = terms;
  }

  /** The words with the prefix and the highest weights. Results of prefixes of one or two letters are cached for 10 seconds, since they have many words. */
  startingWith(prefix: string, weightOf: (id: number) => number, count: number): number[] {
    const key = `${count} ${prefix}`;
    const known = this.cache.get(key);
    if (known && known.until > Date.now()) return known.ids;
    const like = this.ids(prefix).filter((id) => weightOf(id) > 0);
    const ids = like.sort((a, b) => weightOf(b) - weightOf(a) || a - b).slice(0, count);
    if (prefix.length < 3) this.cache.set(key, { ids, until: Date.now() + cacheTtlMs });
    return ids;
  }

  private ids(prefix: string): number[] {
    const { sorted, terms } = this;
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((terms[sorted[middle] ?? 0] ?? "") < prefix) low = middle + 1;
      else high = middle;
    }
    const like: number[] = [];
    for (; low < sorted.length; low++) {
      const id = sorted[low] ?? 0;
      if (!terms[id]?.startsWith(prefix)) break;
      like.push(id);
    }
    for (let id = this.sortedTerms; id < terms.length; id++) {
      const term = terms[id] ?? "";
      if (term.startsWith(prefix) && isWord.test(term)) like.push(id);
    }
    return like;
  }

  /** Sorts the new words in, once there are many. */
  keepUp(): void {
    if (this.terms.length - this.sortedTerms > Math.max(maxUnsorted, this.sortedTerms / 10)) this.sort();
  }

  /** Sorts the new words in. */
  sort(): void {
    const { terms, sorted } = this;
    const fresh: number[] = [];
    for (let id = this.sortedTerms; id < terms.length; id++) if (isWord.test(terms[id] ?? "")) fresh.push(id);
    const isBefore = (a: number, b: number) => (terms[a] ?? "") < (terms[b] ?? "");
    fresh.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    const all = new Uint32Array(sorted.length + fresh.length);
    let [here, there] = [0, 0];
    for (let at = 0; at < all.length; at++) {
      const [old, later] = [sorted[here], fresh[there]];
      const isOld = later === undefined || (old !== undefined && isBefore(old, later));
      all[at] = (isOld ? old : later) ?? 0;
      if (isOld) here++;
      else there++;
    }
    this.sorted = all;
    this.sortedTerms = terms.length;
  }
}
