import { fold } from "./fold.ts";

const shortest = 4;
const longest = 40;
const maxUnsorted = 500;
/** Word numbers up to this, times a hash of 32 bits, are still exact in a double. */
const maxWords = 2 ** 21;

/**
 * Finds known words within one edit of an unknown one (two for words of eight letters and more) by symmetric deletion: both
 * have a common form when letters are left out. Entries are sorted number arrays: 8 bytes each instead of a Map's 100. New
 * words are compared one by one until there are some hundreds; these become an array of their own, and small arrays are
 * merged into larger ones, so that neither a query nor a change waits until everything is sorted.
 */
export class SpellingIndex {
  private readonly terms: readonly string[];
  private readonly surfaceForms: readonly string[];
  private readonly frequency: (id: number) => number;
  /** Each segment is at least twice as large as the next. */
  private readonly segments: Segment[] = [];
  /** How many terms are in the segments; later ones are compared one by one. */
  private sortedTerms = 0;

  /** Terms and their surface forms by id: a misspelling may be near either. */
  constructor(terms: readonly string[], surfaceForms: readonly string[], frequency: (id: number) => number) {
    this.terms = terms;
    this.surfaceForms = surfaceForms;
    this.frequency = frequency;
  }

  /**
   * Words near any spelling of one word: the nearest first; of equally near ones those with the same first letter
   * (shoppers seldom miss it), then the most frequent.
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

  /** A term and its surface form, those of them that are words. */
  private formsOf(id: number): string[] {
    const term = this.terms[id] ?? "";
    const surfaceForm = fold(this.surfaceForms[id] ?? "");
    return (term === surfaceForm ? [term] : [term, surfaceForm]).filter(isWord);
  }

  /** Sorts the new words, once there are many. */
  keepUp(): void {
    if (this.terms.length - this.sortedTerms > maxUnsorted) this.sort();
  }

  /** Sorts the new words into a segment. */
  sort(): void {
    if (this.sortedTerms === this.terms.length) return;
    let last = this.sortedSince();
    this.sortedTerms = this.terms.length;
    for (;;) {
      const before = this.segments.at(-1);
      if (!before || before.hashes.length > 2 * last.hashes.length) break;
      this.segments.pop();
      last = merged(before, last);
    }
    this.segments.push(last);
  }

  private sortedSince(): Segment {
    const words: number[] = [];
    const entries: number[] = [];
    for (let id = this.sortedTerms; id < this.terms.length && words.length < maxWords; id++) {
      const forms = this.formsOf(id);
      if (forms.length === 0) continue;
      const at = words.push(id) - 1;
      const shorter = new Set(forms.flatMap((form) => [...shortened(form)]));
      for (const form of shorter) entries.push(hash(form) * maxWords + at);
    }
    const sorted = Float64Array.from(entries).sort();
    const [hashes, ids] = [new Uint32Array(sorted.length), new Uint32Array(sorted.length)];
    sorted.forEach((entry, at) => {
      hashes[at] = Math.floor(entry / maxWords);
      ids[at] = words[entry % maxWords] ?? 0;
    });
    return { hashes, ids };
  }

  private *withHash(wanted: number): Iterable<number> {
    for (const { hashes, ids } of this.segments) {
      let [low, high] = [0, hashes.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((hashes[middle] ?? 0) < wanted) low = middle + 1;
        else high = middle;
      }
      for (; hashes[low] === wanted; low++) yield ids[low] ?? 0;
    }
  }
}

/** Sorted hashes, and the ids of their words. */
type Segment = { hashes: Uint32Array; ids: Uint32Array };

function merged(one: Segment, other: Segment): Segment {
  const size = one.hashes.length + other.hashes.length;
  const [hashes, ids] = [new Uint32Array(size), new Uint32Array(size)];
  let [here, there] = [0, 0];
  for (let at = 0; at < size; at++) {
    const isHere = (one.hashes[here] ?? Infinity) <= (other.hashes[there] ?? Infinity);
    const from = isHere ? one : other;
    const place = isHere ? here++ : there++;
    hashes[at] = from.hashes[place] ?? 0;
    ids[at] = from.ids[place] ?? 0;
  }
  return { hashes, ids };
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

/** The edit distance with swaps of neighbours (optimal string alignment); `limit` + 1 for anything further. */
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
