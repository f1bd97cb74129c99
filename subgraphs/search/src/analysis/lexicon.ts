import { likelyPhrases, mineAcronyms } from "./acronyms.ts";
import { fields } from "./analyze-document.ts";
import { endOf, firstToken, lengthOf, nameOf, startOf, type DocumentTokens } from "./document-tokens.ts";
import { SpellingIndex } from "./spelling.ts";

/** What is known of the whole collection: its words, how common they are, its acronyms and the names of its things. */
export class Lexicon {
  documents = 0;
  /** Sum of all documents' lengths by field. */
  readonly lengths = new Float64Array(fields.length);
  private readonly ids = new Map<string, number>();
  private readonly terms: string[] = [""];
  private readonly written: string[] = [""];
  private frequencies = new Int32Array(1024);
  private nouns = new Int32Array(1024);
  private titled = new Int32Array(1024);
  private values = new Int32Array(1024);
  private readonly acronyms = new Map<number, Map<string, number>>();
  private spelling: SpellingIndex | undefined;
  private sorted: number[] | undefined;
  // By frequency, since logarithms of 200 documents' words are the dearest part of ranking; 0 is not yet known.
  private rarities = new Float64Array(1024);
  private readonly seen = new Set<number>();

  /** The term's number, 0 if no document has it. */
  idOf(term: string): number {
    return this.ids.get(term) ?? 0;
  }

  termOf(id: number): string {
    return this.terms[id] ?? "";
  }

  /** The word as somebody wrote it. */
  writtenOf(term: string): string {
    return this.written[this.idOf(term)] ?? term;
  }

  /** How many terms there are, 0 included. */
  get size(): number {
    return this.terms.length;
  }

  learn(term: string, written: string): number {
    const known = this.ids.get(term);
    if (known !== undefined) return known;
    const id = this.terms.push(term) - 1;
    this.written.push(written);
    this.ids.set(term, id);
    if (id >= this.frequencies.length) {
      this.frequencies = grown(this.frequencies);
      this.nouns = grown(this.nouns);
      this.titled = grown(this.titled);
      this.values = grown(this.values);
    }
    this.spelling = undefined;
    this.sorted = undefined;
    return id;
  }

  /** In how many documents a term is. */
  frequency(id: number): number {
    return this.frequencies[id] ?? 0;
  }

  /** How much a term says: the rarer, the more. */
  rarity(id: number): number {
    const frequency = this.frequencies[id] ?? 0;
    let rarity = this.rarities[frequency] ?? 0;
    if (rarity === 0) {
      rarity = Math.log(1 + this.documents / Math.max(1, frequency));
      this.rarities[frequency] = rarity;
    }
    return rarity;
  }

  add(tokens: DocumentTokens): void {
    this.count(tokens, 1);
    mineAcronyms(tokens, this, this.acronyms);
  }

  /** Acronyms stay: they are none the less true, and start afresh with the next start. */
  remove(tokens: DocumentTokens): void {
    this.count(tokens, -1);
  }

  /** The phrases that an acronym seems to stand for. */
  spellOut(term: string): string[][] {
    const phrases = this.acronyms.get(this.idOf(term));
    return phrases ? likelyPhrases(phrases) : [];
  }

  /** Known words close to an unknown one, best first. */
  similar(word: string): { term: string; distance: number }[] {
    this.spelling ??= new SpellingIndex(this.terms, (id) => this.frequency(id));
    return this.spelling.similar(word).map(({ id, distance }) => ({ term: this.termOf(id), distance }));
  }

  /** The words of titles that begin so, the most frequent first, as they are written. */
  wordsLike(prefix: string, count: number): string[] {
    this.sorted ??= this.terms.map((_, id) => id).sort((a, b) => (this.termOf(a) < this.termOf(b) ? -1 : 1));
    const { sorted } = this;
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.termOf(sorted[middle] ?? 0) < prefix) low = middle + 1;
      else high = middle;
    }
    const like: number[] = [];
    for (let at = low; this.termOf(sorted[at] ?? 0).startsWith(prefix) && at < sorted.length; at++) {
      const id = sorted[at] ?? 0;
      if ((this.titled[id] ?? 0) > 0 && /^\p{L}{3,}$/u.test(this.termOf(id))) like.push(id);
    }
    like.sort((a, b) => (this.titled[b] ?? 0) - (this.titled[a] ?? 0));
    return like.slice(0, count).map((id) => this.written[id] ?? "");
  }

  /** Whether the term names a kind of thing: categories or titles often end with it, and it is rarely a mere value. */
  isTypeNoun(id: number): boolean {
    const named = this.nouns[id] ?? 0;
    return (
      named >= 3 && named * 10 >= (this.titled[id] ?? 0) && (this.values[id] ?? 0) < (this.titled[id] ?? 0)
    );
  }

  /** The noun that a title is about: the last one of its name that names a kind of thing. */
  headOf(tokens: DocumentTokens): number {
    const name = nameOf(tokens);
    for (let at = name.length - 1; at >= 0; at--) {
      const id = name[at] ?? 0;
      if (id !== 0 && this.isTypeNoun(id)) return id;
    }
    return 0;
  }

  private count(tokens: DocumentTokens, by: 1 | -1): void {
    this.documents += by;
    if (this.documents >= this.rarities.length) this.rarities = new Float64Array(this.documents * 2);
    else this.rarities.fill(0);
    this.seen.clear();
    for (let at = firstToken; at < tokens.length; at++) this.seen.add(tokens[at] ?? 0);
    this.seen.delete(0);
    for (const id of this.seen) this.frequencies[id] = (this.frequencies[id] ?? 0) + by;
    for (let field = 0; field < fields.length; field++) {
      this.lengths[field] = (this.lengths[field] ?? 0) + by * lengthOf(tokens, field);
    }
    this.countNouns(tokens, by);
  }

  // What a title calls a thing ends its name or stands before a number ("… printer 1200 dpi"), and is no unit itself.
  private namedIn(name: Int32Array): Set<number> {
    const named = new Set<number>();
    for (let at = 0; at < name.length; at++) {
      const isBeforeNumber = at + 1 === name.length || /^\p{N}/u.test(this.termOf(name[at + 1] ?? 0));
      const isMeasured = /^\p{N}/u.test(this.termOf(name[at - 1] ?? 0));
      const id = name[at] ?? 0;
      if (isBeforeNumber && !isMeasured && /^\p{L}{2,}$/u.test(this.termOf(id))) named.add(id);
    }
    return named;
  }

  private countNouns(tokens: DocumentTokens, by: 1 | -1): void {
    this.seen.clear();
    for (let at = startOf(tokens, 0); at < endOf(tokens, 0); at++) this.seen.add(tokens[at] ?? 0);
    for (const id of this.seen) this.titled[id] = (this.titled[id] ?? 0) + by;
    const named = this.namedIn(nameOf(tokens));
    const [typeStart, typeEnd] = [startOf(tokens, 2), endOf(tokens, 2)];
    const type = typeEnd > typeStart ? (tokens[typeEnd - 1] ?? 0) : 0;
    if (type !== 0) named.add(type);
    for (let at = startOf(tokens, 1); at < endOf(tokens, 1); at++) named.delete(tokens[at] ?? 0);
    for (const id of named) this.nouns[id] = (this.nouns[id] ?? 0) + by;
    const end = endOf(tokens, 4);
    const start = startOf(tokens, 4);
    for (let at = start; at < end; at++) {
      const isAlone = (at === start || tokens[at - 1] === 0) && (at + 1 === end || tokens[at + 1] === 0);
      const id = tokens[at] ?? 0;
      if (isAlone && id !== 0) this.values[id] = (this.values[id] ?? 0) + by;
    }
  }
}

function grown(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
