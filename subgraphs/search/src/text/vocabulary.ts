import { likelyPhrases, mineAcronyms } from "./acronyms.ts";
import { fields } from "./analyze-document.ts";
import {
  categoryNounOf,
  endOf,
  firstToken,
  lengthOf,
  startOf,
  type DocumentTokens,
} from "./document-tokens.ts";
import { headWordsOf } from "./head-words.ts";
import { SpellingIndex } from "./spelling-index.ts";
import { PrefixIndex } from "./prefix-index.ts";
import { kindOf } from "./word-kinds.ts";

/** The vocabulary of the index: its terms with their numbers, document frequencies, acronyms and product types. */
export class Vocabulary {
  documents = 0;
  /** Sum of all documents' lengths by field. */
  readonly lengths = new Float64Array(fields.length);
  private readonly ids = new Map<string, number>();
  private readonly terms: string[] = [""];
  private readonly surfaceForms: string[] = [""];
  private frequencies = new Int32Array(1024);
  private nouns = new Int32Array(1024);
  private titled = new Int32Array(1024);
  // Per term: the number of attributes equal to it; and of those, the ones of products whose category is named otherwise.
  private values = new Int32Array(1024);
  private otherValues = new Int32Array(1024);
  // Per term: the brand of a product that it names, and how many it names of other brands or none.
  private firstBrands = new Int32Array(1024);
  private ofOtherBrands = new Int32Array(1024);
  private readonly acronyms = new Map<number, Map<string, number>>();
  private kinds = new Uint8Array(1024);
  private initials = new Uint16Array(1024);
  private readonly spelling = new SpellingIndex(this.terms, this.surfaceForms, (id) => this.frequency(id));
  private readonly sorted = new PrefixIndex(this.terms);
  // Cached by frequency, since logarithms of 200 documents' words are the dearest part of ranking; 0 is not yet computed.
  private rarities = new Float64Array(1024);
  private areRaritiesOld = false;
  private readonly seen = new Set<number>();

  /** The term's number; 0 if no document has it. */
  idOf(term: string): number {
    return this.ids.get(term) ?? 0;
  }

  termOf(id: number): string {
    return this.terms[id] ?? "";
  }

  /** The surface form of a term: the word as a product wrote it, with its diacritics. */
  surfaceFormOf(term: string): string {
    return this.surfaceForms[this.idOf(term)] ?? term;
  }

  /** The number of terms, the reserved 0 included. */
  get size(): number {
    return this.terms.length;
  }

  /** The term's number; a new term gets the next one. */
  intern(term: string, surfaceForm: string): number {
    const known = this.ids.get(term);
    if (known !== undefined) return known;
    const id = this.terms.push(term) - 1;
    this.surfaceForms.push(surfaceForm);
    this.ids.set(term, id);
    if (id >= this.frequencies.length) {
      this.frequencies = grown(this.frequencies);
      this.nouns = grown(this.nouns);
      this.titled = grown(this.titled);
      this.values = grown(this.values);
      this.otherValues = grown(this.otherValues);
      this.firstBrands = grown(this.firstBrands);
      this.ofOtherBrands = grown(this.ofOtherBrands);
      this.kinds = copied(this.kinds, new Uint8Array(this.frequencies.length));
      this.initials = copied(this.initials, new Uint16Array(this.frequencies.length));
    }
    this.kinds[id] = kindOf(term);
    this.initials[id] = term.charCodeAt(0);
    return id;
  }

  /** The kinds of a word: bits of `wordKinds`. */
  kindOf(id: number): number {
    return this.kinds[id] ?? 0;
  }

  /** The term's first letter, as a number. */
  initialOf(id: number): number {
    return this.initials[id] ?? 0;
  }

  /** The document frequency of a term. */
  frequency(id: number): number {
    return this.frequencies[id] ?? 0;
  }

  /** The weight of a term by its rarity: log(1 + documents / frequency). */
  rarity(id: number): number {
    if (this.areRaritiesOld) this.forgetRarities();
    const frequency = this.frequencies[id] ?? 0;
    let rarity = this.rarities[frequency] ?? 0;
    if (rarity === 0) {
      rarity = Math.log(1 + this.documents / Math.max(1, frequency));
      this.rarities[frequency] = rarity;
    }
    return rarity;
  }

  add(tokens: DocumentTokens): void {
    this.spelling.keepUp();
    this.sorted.keepUp();
    this.count(tokens, 1);
    mineAcronyms(tokens, this, this.acronyms, 1);
  }

  remove(tokens: DocumentTokens): void {
    this.count(tokens, -1);
    mineAcronyms(tokens, this, this.acronyms, -1);
  }

  /** The likely expansions of an acronym. */
  spellOut(term: string): string[][] {
    const phrases = this.acronyms.get(this.idOf(term));
    return phrases ? likelyPhrases(phrases) : [];
  }

  /** Sorts the spelling and prefix indexes, for which the first query would wait otherwise. */
  prepare(): void {
    this.spelling.sort();
    this.sorted.sort();
  }

  /** Terms within edit distance of any of the spellings, the best first. */
  similar(spellings: readonly string[]): { term: string; distance: number }[] {
    return this.spelling.similar(spellings).map(({ id, distance }) => ({ term: this.termOf(id), distance }));
  }

  /** Words of titles that begin with the prefix, the most frequent first. */
  completionsOf(prefix: string, count: number): { term: string; surfaceForm: string }[] {
    return this.sorted
      .startingWith(prefix, (id) => this.titled[id] ?? 0, count)
      .map((id) => ({ term: this.termOf(id), surfaceForm: this.surfaceForms[id] ?? "" }));
  }

  /** Whether the term names a product type: categories or titles often end with it, and it is no mere attribute value, as colours are. */
  isTypeNoun(id: number): boolean {
    const [named, titled] = [this.nouns[id] ?? 0, this.titled[id] ?? 0];
    const isOftenNamed = named >= 3 && named * 20 >= titled;
    return isOftenNamed && (this.values[id] ?? 0) < titled && (this.otherValues[id] ?? 0) < named;
  }

  /** How many products are named by the term: see `headWordsOf`. */
  timesNamed(id: number): number {
    return this.nouns[id] ?? 0;
  }

  /** Whether products of several brands are named by the product type: a series ("LaserJet") has one brand. */
  isSharedTypeNoun(id: number): boolean {
    return this.isTypeNoun(id) && (this.ofOtherBrands[id] ?? 0) > 0;
  }

  private forgetRarities(): void {
    if (this.documents >= this.rarities.length) this.rarities = new Float64Array(this.documents * 2);
    else this.rarities.fill(0);
    this.areRaritiesOld = false;
  }

  private count(tokens: DocumentTokens, by: 1 | -1): void {
    this.documents += by;
    this.areRaritiesOld = true;
    this.seen.clear();
    for (let at = firstToken; at < tokens.length; at++) this.seen.add(tokens[at] ?? 0);
    this.seen.delete(0);
    for (const id of this.seen) this.frequencies[id] = (this.frequencies[id] ?? 0) + by;
    for (let field = 0; field < fields.length; field++) {
      this.lengths[field] = (this.lengths[field] ?? 0) + by * lengthOf(tokens, field);
    }
    this.countNouns(tokens, by);
  }

  private countNouns(tokens: DocumentTokens, by: 1 | -1): void {
    this.seen.clear();
    for (let at = startOf(tokens, 0); at < endOf(tokens, 0); at++) this.seen.add(tokens[at] ?? 0);
    for (const id of this.seen) this.titled[id] = (this.titled[id] ?? 0) + by;
    const named = headWordsOf(tokens, this);
    const category = categoryNounOf(tokens);
    const brand = endOf(tokens, 1) > startOf(tokens, 1) ? (tokens[startOf(tokens, 1)] ?? 0) : noBrand;
    for (const id of named) {
      if ((this.nouns[id] ?? 0) === 0) this.firstBrands[id] = brand;
      else if (brand === noBrand || this.firstBrands[id] !== brand)
        this.ofOtherBrands[id] = Math.max(0, (this.ofOtherBrands[id] ?? 0) + by);
      this.nouns[id] = (this.nouns[id] ?? 0) + by;
    }
    const end = endOf(tokens, 4);
    const start = startOf(tokens, 4);
    for (let at = start; at < end; at++) {
      const isAlone = (at === start || tokens[at - 1] === 0) && (at + 1 === end || tokens[at + 1] === 0);
      const id = tokens[at] ?? 0;
      if (!isAlone || id === 0) continue;
      this.values[id] = (this.values[id] ?? 0) + by;
      if (id !== category) this.otherValues[id] = (this.otherValues[id] ?? 0) + by;
    }
  }
}

const noBrand = -1;

function copied<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}

function grown(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
