import { fold } from "./fold.ts";

const shortest = 4;
const longest = 40;
const mostUnsorted = 1_000;
/** Beside a hash of 32 bits, so much fits into a number exactly. */
const mostWords = 2 ** 21;

/**
 * Finds known words within one edit of an unknown one (two for words of eight letters and more), by the words that
 * both become when letters are left out. Kept as two sorted number arrays: 8 bytes an entry instead of a Map's 100.
 * Words that came since are compared one by one, until they are many: sorting for each would stop every search.
 */
export class SpellingIndex {
  private readonly terms: readonly string[];
  private readonly written: readonly string[];
  private readonly frequency: (id: number) => number;
  private hashes = new Uint32Array();
  private ids = new Uint32Array();
  /** How many terms are in the arrays; those after them came since. */
  private sortedTerms = 0;

  /** Each term by its id, and as somebody wrote it: a slip may be in either. */
  constructor(terms: readonly string[], written: readonly string[], frequency: (id: number) => number) {
    this.terms = terms;
    this.written = written;
    this.frequency = frequency;
  }

  /**
   * Words near any of the spellings of one word: the nearest first, of equally near ones those that begin like it
   * (people seldom miss the first letter), then the most frequent.
   */
  similar(spellings: readonly string[]): { id: number; distance: number }[] {
    const near = new Map<number, number>();
    for (const spelling of spellings) if (isWord(spelling)) this.addNear(spelling, near);
    const isOther = (id: number) => (this.terms[id]?.[0] === spellings[0]?.[0] ? 0 : 1);
    return [...near]
      .sort(
        ([a, far], [b, near]) =>
          far - near || isOther(a) - isOther(b) || this.frequency(b) - this.frequency(a) || a - b,
      )
      .map(([id, distance]) => ({ id, distance }));
  }

  private addNear(word: string, near: Map<number, number>): void {
    if (this.terms.length - this.sortedTerms > Math.max(mostUnsorted, this.sortedTerms / 10)) this.sort();
    const once = shortened(word);
    const forms = word.length >= 8 ? new Set([...once].flatMap((form) => [...shortened(form)])) : once;
    const allowed = word.length >= 8 ? 2 : 1;
    const found = new Set<number>();
    for (const form of forms) for (const id of this.withHash(hash(form))) found.add(id);
    for (let id = this.sortedTerms; id < this.terms.length; id++) found.add(id);
    for (const id of found) {
      if (this.frequency(id) < 1) continue;
      const distance = Math.min(...this.formsOf(id).map((form) => editDistance(word, form, allowed)));
      if (distance <= allowed) near.set(id, Math.min(distance, near.get(id) ?? distance));
    }
  }

  /** A term and how it is written, as far as they are words. */
  private formsOf(id: number): string[] {
    const [term = "", written = ""] = [this.terms[id], fold(this.written[id] ?? "")];
    return (term === written ? [term] : [term, written]).filter(isWord);
  }

  /** Sorts what came since; done by itself, but better before the first one asks. */
  sort(): void {
    const words: number[] = [];
    const entries: number[] = [];
    this.terms.forEach((_, id) => {
      const forms = this.formsOf(id);
      if (forms.length === 0 || words.length === mostWords) return;
      const at = words.push(id) - 1;
      const shorter = new Set(forms.flatMap((form) => [...shortened(form)]));
      for (const form of shorter) entries.push(hash(form) * mostWords + at);
    });
    const sorted = Float64Array.from(entries).sort();
    this.hashes = new Uint32Array(sorted.length);
    this.ids = new Uint32Array(sorted.length);
    sorted.forEach((entry, at) => {
      this.hashes[at] = Math.floor(entry / mostWords);
      this.ids[at] = words[entry % mostWords] ?? 0;
    });
    this.sortedTerms = this.terms.length;
  }

  private *withHash(wanted: number): Iterable<number> {
    let [low, high] = [0, this.hashes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.hashes[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    for (; this.hashes[low] === wanted; low++) yield this.ids[low] ?? 0;
  }
}

function isWord(term: string): boolean {
  return term.length >= shortest && term.length <= longest && /^\p{L}+$/u.test(term);
}

function shortened(word: string): Set<string> {
  const forms = new Set([word]);
  for (let at = 0; at < word.length; at++) forms.add(word.slice(0, at) + word.slice(at + 1));
  return forms;
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** Letters to add, leave out, change, or swap with a neighbour; anything above `limit` counts as too far. */
export function editDistance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwap) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[other.length] ?? limit + 1;
}
