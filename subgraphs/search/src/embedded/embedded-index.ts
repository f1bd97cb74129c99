import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LRUCache } from "lru-cache";
import { analyzeDocument, gap, searchedTerms, type AnalyzedDocument } from "../analysis/analyze-document.ts";
import { tokensOf, type DocumentTokens } from "../analysis/document-tokens.ts";
import type { Language } from "../analysis/language.ts";
import { Lexicon } from "../analysis/vocabulary.ts";
import { chunksOf, type Chunk } from "../analysis/tokenize.ts";
import type { IndexDocument, SkuStock } from "../engine.ts";
import { RecentMap } from "../approximate-lru.ts";
import type { ActivityFile } from "./activity-file.ts";
import { Columns } from "./columns.ts";
import { openIndex } from "./open-index.ts";
import { placeOf, Postings, strengthMask } from "./postings.ts";
import { RowLists } from "./row-lists.ts";
import { TraitCounter } from "./count-attribute-values.ts";
import { bytesOf, isSame, numbersIn, textIn } from "./sqlite-values.ts";
import { Traits } from "./attribute-values.ts";

const cachedTitles = 5_000;
const cachedPhraseBytes = 8 * 2 ** 20;

/** An index file with what is kept of it in memory. Not for the main thread: SQLite blocks. */
export class EmbeddedIndex implements Disposable {
  readonly database: DatabaseSync;
  readonly columns = new Columns();
  readonly lexicon = new Lexicon();
  readonly traits = new Traits();
  readonly postings = new Postings();
  private readonly traitLists = new RowLists();
  readonly traitCounter = new TraitCounter(this.traits, this.traitLists);
  private readonly activity: ActivityFile;
  private readonly spoken: readonly [Language, ...Language[]];
  // Ranking reads 200 rows for a query: from disk that was a third of the time.
  private readonly tokenLists = new RowLists();
  private readonly statements = new Map<string, StatementSync>();
  private readonly titles = new RecentMap<number, Title>(cachedTitles);
  private readonly phrases = new LRUCache<string, Uint32Array>({ maxSize: cachedPhraseBytes });

  constructor(path: string, spoken: readonly [Language, ...Language[]], activity: ActivityFile) {
    this.spoken = spoken;
    this.activity = activity;
    this.database = openIndex(path);
    try {
      this.load();
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  /** Takes changes in one transaction; returns how many products changed. What is older than what is known is passed over. */
  write(documents: readonly IndexDocument[], stock: readonly SkuStock[]): number {
    let changed = 0;
    this.database.exec("BEGIN IMMEDIATE");
    for (const document of documents) if (this.writeDocument(document)) changed++;
    for (const state of stock) if (this.writeStock(state)) changed++;
    this.database.exec("COMMIT");
    return changed;
  }

  /** The words of a row, in order. */
  tokensOf(row: number): DocumentTokens {
    return this.tokenLists.of(row);
  }

  traitsOf(row: number): Int32Array {
    return this.traitLists.of(row);
  }

  /** The row of a product; 0 if it isn't known. */
  rowOf(id: string): number {
    return Number(this.prepare("SELECT row FROM document WHERE id = ?").get(id)?.["row"] ?? 0);
  }

  /** The rows in which these terms stand side by side, as entries like those of a term: as strong as the weakest of them. */
  rowsWith(terms: readonly string[]): Uint32Array {
    const phrase = `"${terms.join(" ")}"`;
    const known = this.phrases.get(phrase);
    if (known) return known;
    const found = this.prepare("SELECT rowid AS row FROM text WHERE text MATCH ? ORDER BY rowid").all(phrase);
    const lists = terms.map((term) => this.postings.of(this.lexicon.idOf(term)));
    const entries = Uint32Array.from(found, ({ row }) => {
      const strengths = lists.map(
        (list) => (list[placeOf(list, list.length, Number(row))] ?? 0) & strengthMask,
      );
      return ((Number(row) << 8) | Math.max(1, Math.min(...strengths))) >>> 0;
    });
    this.phrases.set(phrase, entries, { size: entries.byteLength + 2 * phrase.length + 400 });
    return entries;
  }

  /** Reads again how popular products are. */
  recallPopularity(): void {
    for (const [id, popularity] of this.activity.popularities()) {
      const row = this.rowOf(id);
      if (row > 0) this.columns.setPopularity(row, popularity);
    }
  }

  /** A row's title, and its words: cutting 20 titles for each page was a tenth of a search. */
  titleOf(row: number): Title {
    const known = this.titles.get(row);
    if (known) return known;
    const text = textIn(this.prepare("SELECT title FROM document WHERE row = ?").get(row)?.["title"]);
    const title = { text, chunks: chunksOf(text) };
    this.titles.set(row, title);
    return title;
  }

  fact(name: string): string | undefined {
    const stored = this.prepare("SELECT value FROM fact WHERE name = ?").get(name);
    return stored && textIn(stored["value"]);
  }

  state(name: string, value: string): void {
    this.prepare("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)").run(name, value);
  }

  prepare(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (!statement) this.statements.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  private writeDocument(document: IndexDocument): boolean {
    const known = this.prepare("SELECT row, version, is_live, tokens, traits FROM document WHERE id = ?").get(
      document.id,
    );
    if (known && Number(known["version"]) >= document.version) return false;
    const row = known ? Number(known["row"]) : this.nextRow();
    const before = known?.["is_live"]
      ? { tokens: numbersIn(known["tokens"]), traits: numbersIn(known["traits"]) }
      : undefined;
    if (document.isLive) this.remember(row, document, before);
    else this.bury(row, document, before);
    return document.isLive || known !== undefined;
  }

  private nextRow(): number {
    return this.columns.rows + 1;
  }

  private remember(row: number, document: IndexDocument, before: Indexed | undefined): void {
    const analyzed = analyzeDocument(document, this.spoken);
    const tokens = tokensOf(analyzed, (term) => this.learnTerm(term, analyzed.written.get(term) ?? term));
    const traits = Int32Array.from(
      new Set(document.attributes.map(({ name, value }) => this.learnTrait(name, value))),
    );
    this.store(row, document, tokens, traits);
    // Most changes are of prices, which no word depends on.
    if (!before || !isSame(before.tokens, tokens)) {
      if (before) this.forgetText(row, before.tokens);
      this.rememberText(row, analyzed, tokens);
    }
    this.prepare("DELETE FROM variant WHERE row = ?").run(row);
    for (const sku of document.skus) {
      this.prepare("INSERT OR REPLACE INTO variant (sku, row) VALUES (?, ?)").run(sku, row);
    }
    this.columns.set(row, document, this.isInStock(row), this.activity.popularityOf(document.id));
    if (before) this.traits.unlink(row, before.traits);
    this.traits.link(row, traits);
    this.traitLists.set(row, traits);
  }

  private rememberText(row: number, analyzed: AnalyzedDocument, tokens: DocumentTokens): void {
    this.prepare(
      "INSERT INTO text (rowid, title, brand, type, description, attributes, ids) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ).run(
      row,
      ...analyzed.fields.map((field) =>
        searchedTerms(field)
          .filter((term) => term !== gap)
          .join(" "),
      ),
    );
    this.lexicon.add(tokens);
    this.postings.add(row, tokens);
    this.tokenLists.set(row, tokens);
    this.phrases.clear();
  }

  private bury(row: number, document: IndexDocument, before: Indexed | undefined): void {
    this.store(row, document, new Int32Array(), new Int32Array());
    this.prepare("DELETE FROM variant WHERE row = ?").run(row);
    this.columns.clear(row);
    if (!before) return;
    this.forgetText(row, before.tokens);
    this.traits.unlink(row, before.traits);
    this.traitLists.set(row, new Int32Array());
  }

  private forgetText(row: number, tokens: DocumentTokens): void {
    this.prepare("DELETE FROM text WHERE rowid = ?").run(row);
    this.lexicon.remove(tokens);
    this.postings.remove(row, tokens);
    this.tokenLists.set(row, new Int32Array());
    this.phrases.clear();
  }

  private store(row: number, document: IndexDocument, tokens: Int32Array, traits: Int32Array): void {
    this.titles.delete(row);
    const { description: _, attributes: __, ids: ___, ...record } = document;
    this.prepare(
      `INSERT OR REPLACE INTO document (row, id, version, is_live, title, record, tokens, traits)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      row,
      document.id,
      document.version,
      document.isLive ? 1 : 0,
      document.title,
      JSON.stringify(record),
      bytesOf(tokens),
      bytesOf(traits),
    );
  }

  private writeStock({ sku, version, available }: SkuStock): boolean {
    const { changes } = this.prepare(
      `INSERT INTO stock (sku, version, available) VALUES (?, ?, ?)
       ON CONFLICT (sku) DO UPDATE SET version = excluded.version, available = excluded.available
       WHERE excluded.version > stock.version`,
    ).run(sku, version, available);
    if (changes === 0) return false;
    const row = Number(this.prepare("SELECT row FROM variant WHERE sku = ?").get(sku)?.["row"] ?? 0);
    if (row === 0) return false;
    const inStock = this.isInStock(row) ? 1 : 0;
    if (this.columns.inStock[row] === inStock) return false;
    this.columns.inStock[row] = inStock;
    return true;
  }

  private isInStock(row: number): boolean {
    const found = this.prepare(
      "SELECT 1 FROM variant JOIN stock USING (sku) WHERE variant.row = ? AND available > 0 LIMIT 1",
    ).get(row);
    return found !== undefined;
  }

  private learnTerm(term: string, written: string): number {
    const known = this.lexicon.idOf(term);
    if (known !== 0) return known;
    const id = this.learnWritten(term, written);
    this.prepare("INSERT INTO term (id, text, written) VALUES (?, ?, ?)").run(id, term, written);
    return id;
  }

  // Most words are written as they are stemmed: one text for both.
  private learnWritten(term: string, written: string): number {
    return this.lexicon.learn(term, written === term ? term : written);
  }

  private learnTrait(name: string, value: string): number {
    const { trait, isNew } = this.traits.add(name, value);
    if (isNew) this.prepare("INSERT INTO trait (id, name, value) VALUES (?, ?, ?)").run(trait, name, value);
    return trait;
  }

  private load(): void {
    for (const { text, written } of this.database
      .prepare("SELECT text, written FROM term ORDER BY id")
      .iterate()) {
      this.learnWritten(textIn(text), textIn(written));
    }
    for (const { name, value } of this.database
      .prepare("SELECT name, value FROM trait ORDER BY id")
      .iterate()) {
      this.traits.add(textIn(name), textIn(value));
    }
    const popularity = new Map(this.activity.popularities());
    const stocked = new Set<number>();
    const inStock = "SELECT DISTINCT row FROM variant JOIN stock USING (sku) WHERE available > 0";
    for (const { row } of this.database.prepare(inStock).iterate()) stocked.add(Number(row));
    const all = "SELECT row, is_live, record, tokens, traits FROM document ORDER BY row";
    for (const stored of this.database.prepare(all).iterate()) {
      const row = Number(stored["row"]);
      if (!stored["is_live"]) {
        this.columns.clear(row);
        continue;
      }
      const record = JSON.parse(textIn(stored["record"])) as IndexDocument;
      const [tokens, traits] = [numbersIn(stored["tokens"]), numbersIn(stored["traits"])];
      this.columns.set(row, record, stocked.has(row), popularity.get(record.id) ?? 0);
      this.lexicon.add(tokens);
      this.postings.add(row, tokens);
      this.tokenLists.set(row, tokens);
      this.traits.link(row, traits);
      this.traitLists.set(row, traits);
    }
    this.lexicon.prepare();
  }
}

type Title = { text: string; chunks: readonly Chunk[] };
type Indexed = { tokens: DocumentTokens; traits: Int32Array };
