import { LRUCache } from "lru-cache";
import { analyzeDocument, gap, searchedTerms, type AnalyzedDocument } from "../../text/analyze-document.ts";
import { tokensOf, type DocumentTokens } from "../../text/document-tokens.ts";
import type { Language } from "../../text/language.ts";
import { headWordsOf } from "../../text/head-words.ts";
import { Vocabulary } from "../../text/vocabulary.ts";
import { chunksOf, type Chunk } from "../../text/tokenize.ts";
import type { IndexDocument, ProductKind, SkuStock } from "../engine.ts";
import { ApproximateLru } from "../../cache/approximate-lru.ts";
import { Columns } from "./columns.ts";
import { IndexFile } from "./file.ts";
import { headFlag, nameFlag, placeOf, Postings, strengthMask } from "./postings.ts";
import { RowLists } from "./row-lists.ts";
import { AttributeValueCounter } from "./count-attribute-values.ts";
import { bytesOf, isSame, numbersIn, textIn } from "./sqlite-values.ts";
import { AttributeValues } from "./attribute-values.ts";

const cachedTitles = 5_000;
const cachedPhraseBytes = 8 * 2 ** 20;

/** An index file and its in-memory part. Not for the main thread, since SQLite blocks. */
export class EmbeddedIndex implements Disposable {
  readonly file: IndexFile;
  readonly columns = new Columns();
  readonly vocabulary = new Vocabulary();
  readonly attributeValues = new AttributeValues();
  readonly postings = new Postings();
  private readonly attributeLists = new RowLists();
  readonly attributeValueCounter = new AttributeValueCounter(this.attributeValues, this.attributeLists);
  private readonly languages: readonly [Language, ...Language[]];
  // In memory, since ranking reads 200 rows for a query: from disk that was a third of its time.
  private readonly tokenLists = new RowLists();
  private readonly titles = new ApproximateLru<number, Title>(cachedTitles);
  private readonly phrases = new LRUCache<string, Uint32Array>({ maxSize: cachedPhraseBytes });

  constructor(path: string, languages: readonly [Language, ...Language[]]) {
    this.languages = languages;
    this.file = new IndexFile(path);
    try {
      this.load();
    } catch (error) {
      this.file[Symbol.dispose]();
      throw error;
    }
  }

  /** Writes changes in one transaction; returns the number of changed products. Older versions are skipped. */
  write(documents: readonly IndexDocument[], stock: readonly SkuStock[]): number {
    let changed = 0;
    this.file.transact(() => {
      for (const document of documents) if (this.writeDocument(document)) changed++;
      for (const state of stock) if (this.writeStock(state)) changed++;
    });
    return changed;
  }

  /** The tokens of a row. */
  tokensOf(row: number): DocumentTokens {
    return this.tokenLists.of(row);
  }

  attributesOf(row: number): Int32Array {
    return this.attributeLists.of(row);
  }

  /** The row of a product; 0 for an unknown one. */
  rowOf(id: string): number {
    return Number(this.file.prepare("SELECT row FROM document WHERE id = ?").get(id)?.["row"] ?? 0);
  }

  /** The kinds of those of these products that the index has or had. */
  kindsOf(productIds: readonly string[]): [string, ProductKind][] {
    const { columns } = this;
    return productIds.flatMap((id): [string, ProductKind][] => {
      const row = this.rowOf(id);
      if (row === 0) return [];
      return [[id, { brand: columns.brandKeyOf(row), category: columns.categorySlugOf(row) }]];
    });
  }

  /** The postings of a phrase; its strength in a row is the minimum over its terms. */
  phrasePostings(terms: readonly string[]): Uint32Array {
    const phrase = `"${terms.join(" ")}"`;
    const known = this.phrases.get(phrase);
    if (known) return known;
    const found = this.file
      .prepare("SELECT rowid AS row FROM text WHERE text MATCH ? ORDER BY rowid")
      .all(phrase);
    const lists = terms.map((term) => this.postings.of(this.vocabulary.idOf(term)));
    const entries = Uint32Array.from(found, ({ row }) => {
      const each = lists.map((list) => list[placeOf(list, list.length, Number(row))] ?? 0);
      const strength = Math.max(1, Math.min(...each.map((entry) => entry & strengthMask)));
      const isNamed = each.every((entry) => (entry & nameFlag) !== 0);
      // A phrase names what its last word names.
      const flags = (isNamed ? nameFlag : 0) | ((each.at(-1) ?? 0) & headFlag);
      return ((Number(row) << 8) | flags | strength) >>> 0;
    });
    this.phrases.set(phrase, entries, { size: entries.byteLength + 2 * phrase.length + 400 });
    return entries;
  }

  /** Sets the popularity of products, in one transaction. It never sinks. */
  setPopularity(popularity: readonly [productId: string, popularity: number][]): void {
    this.file.transact(() => {
      for (const [id, now] of popularity) {
        const sql = "UPDATE document SET popularity = ?2 WHERE id = ?1 AND popularity < ?2 RETURNING row";
        const changed = this.file.prepare(sql).get(id, now);
        if (changed) this.columns.setPopularity(Number(changed["row"]), now);
      }
    });
  }

  /** A row's title with its chunks, cached: tokenizing the 20 titles of a page was a tenth of a search. */
  titleOf(row: number): Title {
    const known = this.titles.get(row);
    if (known) return known;
    const text = textIn(this.file.prepare("SELECT title FROM document WHERE row = ?").get(row)?.["title"]);
    const title = { text, chunks: chunksOf(text) };
    this.titles.set(row, title);
    return title;
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  private writeDocument(document: IndexDocument): boolean {
    const known = this.file
      .prepare("SELECT row, version, is_live, popularity, tokens, traits FROM document WHERE id = ?")
      .get(document.id);
    if (known && Number(known["version"]) >= document.version) return false;
    const row = known ? Number(known["row"]) : this.columns.rows + 1;
    const before = known?.["is_live"]
      ? { tokens: numbersIn(known["tokens"]), attributes: numbersIn(known["traits"]) }
      : undefined;
    const popularity = Math.max(document.popularity ?? 0, Number(known?.["popularity"] ?? 0));
    if (document.isLive) this.indexDocument(row, { ...document, popularity }, before);
    else this.removeDocument(row, { ...document, popularity }, before);
    return document.isLive || known !== undefined;
  }

  private indexDocument(row: number, document: IndexDocument, before: Indexed | undefined): void {
    const analyzed = analyzeDocument(document, this.languages);
    const tokens = tokensOf(analyzed, (term) => this.termId(term, analyzed.surfaceForms.get(term) ?? term));
    const attributes = Int32Array.from(
      new Set(document.attributes.map(({ name, value }) => this.internAttribute(name, value))),
    );
    this.saveRow(row, document, tokens, attributes);
    // Most changes are of prices, which leave the text index as it is.
    if (!before || !isSame(before.tokens, tokens)) {
      if (before) this.removeText(row, before.tokens);
      this.indexText(row, analyzed, tokens);
    }
    this.file.prepare("DELETE FROM variant WHERE row = ?").run(row);
    for (const sku of document.skus) {
      this.file.prepare("INSERT OR REPLACE INTO variant (sku, row) VALUES (?, ?)").run(sku, row);
    }
    this.columns.set(row, document, this.isInStock(row));
    if (before) this.attributeValues.unlink(row, before.attributes);
    this.attributeValues.link(row, attributes);
    this.attributeLists.set(row, attributes);
  }

  private indexText(row: number, analyzed: AnalyzedDocument, tokens: DocumentTokens): void {
    this.file
      .prepare(
        "INSERT INTO text (rowid, title, brand, type, description, attributes, ids) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .run(
        row,
        ...analyzed.fields.map((field) =>
          searchedTerms(field)
            .filter((term) => term !== gap)
            .join(" "),
        ),
      );
    this.vocabulary.add(tokens);
    this.postings.add(row, tokens, headWordsOf(tokens, this.vocabulary));
    this.tokenLists.set(row, tokens);
    this.phrases.clear();
  }

  private removeDocument(row: number, document: IndexDocument, before: Indexed | undefined): void {
    this.saveRow(row, document, new Int32Array(), new Int32Array());
    this.file.prepare("DELETE FROM variant WHERE row = ?").run(row);
    this.columns.clear(row);
    if (!before) return;
    this.removeText(row, before.tokens);
    this.attributeValues.unlink(row, before.attributes);
    this.attributeLists.set(row, new Int32Array());
  }

  private removeText(row: number, tokens: DocumentTokens): void {
    this.file.prepare("DELETE FROM text WHERE rowid = ?").run(row);
    this.vocabulary.remove(tokens);
    this.postings.remove(row, tokens);
    this.tokenLists.set(row, new Int32Array());
    this.phrases.clear();
  }

  private saveRow(row: number, document: IndexDocument, tokens: Int32Array, attributes: Int32Array): void {
    this.titles.delete(row);
    const { description: _, attributes: __, ids: ___, popularity: ____, ...record } = document;
    this.file
      .prepare(
        `INSERT OR REPLACE INTO document (row, id, version, is_live, popularity, title, record, tokens, traits)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row,
        document.id,
        document.version,
        document.isLive ? 1 : 0,
        document.popularity ?? 0,
        document.title,
        JSON.stringify(record),
        bytesOf(tokens),
        bytesOf(attributes),
      );
  }

  private writeStock({ sku, version, available }: SkuStock): boolean {
    const { changes } = this.file
      .prepare(
        `INSERT INTO stock (sku, version, available) VALUES (?, ?, ?)
       ON CONFLICT (sku) DO UPDATE SET version = excluded.version, available = excluded.available
       WHERE excluded.version > stock.version`,
      )
      .run(sku, version, available);
    if (changes === 0) return false;
    const row = Number(this.file.prepare("SELECT row FROM variant WHERE sku = ?").get(sku)?.["row"] ?? 0);
    if (row === 0) return false;
    const inStock = this.isInStock(row) ? 1 : 0;
    if (this.columns.inStock[row] === inStock) return false;
    this.columns.inStock[row] = inStock;
    return true;
  }

  private isInStock(row: number): boolean {
    const found = this.file
      .prepare("SELECT 1 FROM variant JOIN stock USING (sku) WHERE variant.row = ? AND available > 0 LIMIT 1")
      .get(row);
    return found !== undefined;
  }

  private termId(term: string, surfaceForm: string): number {
    const known = this.vocabulary.idOf(term);
    if (known !== 0) return known;
    const id = this.internSurfaceForm(term, surfaceForm);
    this.file.prepare("INSERT INTO term (id, text, written) VALUES (?, ?, ?)").run(id, term, surfaceForm);
    return id;
  }

  // Most surface forms equal their stem: they share one string.
  private internSurfaceForm(term: string, surfaceForm: string): number {
    return this.vocabulary.intern(term, surfaceForm === term ? term : surfaceForm);
  }

  private internAttribute(name: string, value: string): number {
    const { id, isNew } = this.attributeValues.add(name, value);
    if (isNew) this.file.prepare("INSERT INTO trait (id, name, value) VALUES (?, ?, ?)").run(id, name, value);
    return id;
  }

  private load(): void {
    for (const { text, written } of this.file.rows("SELECT text, written FROM term ORDER BY id")) {
      this.internSurfaceForm(textIn(text), textIn(written));
    }
    for (const { name, value } of this.file.rows("SELECT name, value FROM trait ORDER BY id")) {
      this.attributeValues.add(textIn(name), textIn(value));
    }
    const stocked = new Set<number>();
    const inStock = "SELECT DISTINCT row FROM variant JOIN stock USING (sku) WHERE available > 0";
    for (const { row } of this.file.rows(inStock)) stocked.add(Number(row));
    const all = "SELECT row, is_live, popularity, record, tokens, traits FROM document ORDER BY row";
    for (const stored of this.file.rows(all)) {
      const row = Number(stored["row"]);
      if (!stored["is_live"]) {
        this.columns.clear(row);
        continue;
      }
      const record = JSON.parse(textIn(stored["record"])) as IndexDocument;
      const [tokens, attributes] = [numbersIn(stored["tokens"]), numbersIn(stored["traits"])];
      record.popularity = Number(stored["popularity"]);
      this.columns.set(row, record, stocked.has(row));
      this.vocabulary.add(tokens);
      this.postings.add(row, tokens, headWordsOf(tokens, this.vocabulary));
      this.tokenLists.set(row, tokens);
      this.attributeValues.link(row, attributes);
      this.attributeLists.set(row, attributes);
    }
    this.vocabulary.prepare();
  }
}

type Title = { text: string; chunks: readonly Chunk[] };
type Indexed = { tokens: DocumentTokens; attributes: Int32Array };
