import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Activity } from "../engine.ts";
import { historyLength } from "../../ranking/preferences.ts";
import { popularityGain, interactionWeight } from "../../ranking/popularity.ts";
import {
  countAsker,
  purchaseWeight,
  maxRareQueries,
  suggestible,
  cleanUpEvery,
  minTimesAsked,
} from "../../query/suggestions.ts";
import { textIn } from "./sqlite-values.ts";

/** The sums exceed JavaScript's safe integers. */
const asReal = "CAST(score AS REAL) AS score";

/** Activity of shoppers, in a SQLite file of its own: the index can be rebuilt from other services, the activity can't. */
export class ActivityFile implements Disposable {
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private queriesSinceCleanup = Infinity;

  constructor(path: string) {
    this.database = new DatabaseSync(path);
    try {
      this.prepareTables();
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  private prepareTables(): void {
    // NORMAL: a power cut may lose the last seconds of activity.
    this.database.exec(`
      PRAGMA busy_timeout = 2000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -4000;
      CREATE TABLE IF NOT EXISTS popularity (product TEXT PRIMARY KEY, score INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS query (
        text TEXT PRIMARY KEY, times INTEGER NOT NULL, askers TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS act (
        number INTEGER PRIMARY KEY, customer TEXT NOT NULL, product TEXT NOT NULL, weight INTEGER NOT NULL, query TEXT
      );
      CREATE INDEX IF NOT EXISTS act_of_customer ON act (customer);
    `);
  }

  /** Records activity; returns the new popularity of its products. */
  record({ queries, interactions }: Activity): Map<string, number> {
    const popularity = new Map<string, number>();
    this.database.exec("BEGIN IMMEDIATE");
    try {
      for (const [query, asker] of queries) this.countQuery(query, asker);
      for (const interaction of interactions) {
        const weight = interactionWeight(interaction);
        if (interaction.customerId !== null)
          this.addInteraction(interaction.customerId, interaction.productId, weight, interaction.query);
        if (interaction.customerId !== null && interaction.bought > 0)
          this.creditQuery(interaction.customerId, interaction.productId);
        const stored = this.prepare(
          `INSERT INTO popularity (product, score) VALUES (?, ?)
           ON CONFLICT (product) DO UPDATE SET score = score + excluded.score RETURNING ${asReal}`,
        ).get(interaction.productId, popularityGain(interaction));
        popularity.set(interaction.productId, Number(stored?.["score"] ?? 0));
      }
      this.database.exec("COMMIT");
    } catch (error) {
      this.database.exec("ROLLBACK");
      throw error;
    }
    this.queriesSinceCleanup += queries.length;
    if (this.queriesSinceCleanup > cleanUpEvery) this.deleteRareQueries();
    return popularity;
  }

  popularityOf(product: string): number {
    return Number(
      this.prepare(`SELECT ${asReal} FROM popularity WHERE product = ?`).get(product)?.["score"] ?? 0,
    );
  }

  *popularities(): Iterable<[product: string, score: number]> {
    for (const { product, score } of this.database
      .prepare(`SELECT product, ${asReal} FROM popularity`)
      .iterate()) {
      yield [String(product), Number(score)];
    }
  }

  /** A customer's last views and purchases. */
  interactionsOf(customer: string): { product: string; weight: number }[] {
    return this.prepare("SELECT product, weight FROM act WHERE customer = ?")
      .all(customer)
      .map(({ product, weight }) => ({ product: String(product), weight: Number(weight) }));
  }

  /** Suggested queries with the prefix, the most asked first. */
  queriesLike(prefix: string, size: number): string[] {
    return this.prepare(
      "SELECT text FROM query WHERE text >= ? AND text < ? AND times >= ? ORDER BY times DESC, text LIMIT ?",
    )
      .all(prefix, `${prefix}\u{10ffff}`, minTimesAsked, size)
      .map(({ text }) => String(text));
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  private countQuery(query: string, asker: string): void {
    const text = suggestible(query);
    if (text === undefined) return;
    const stored = this.prepare("SELECT times, askers FROM query WHERE text = ?").get(text);
    const known = {
      times: Number(stored?.["times"] ?? 0),
      askers: stored ? (JSON.parse(textIn(stored["askers"])) as string[]) : [],
    };
    const { times, askers } = countAsker(known, asker);
    if (times === known.times) return;
    this.prepare("INSERT OR REPLACE INTO query (text, times, askers) VALUES (?, ?, ?)").run(
      text,
      times,
      JSON.stringify(askers),
    );
  }

  private addInteraction(customer: string, product: string, weight: number, query: string | null): void {
    this.prepare("INSERT INTO act (customer, product, weight, query) VALUES (?, ?, ?, ?)").run(
      customer,
      product,
      weight,
      query,
    );
    this.prepare(
      `DELETE FROM act WHERE customer = ?1 AND number <=
       (SELECT number FROM act WHERE customer = ?1 ORDER BY number DESC LIMIT 1 OFFSET ${historyLength})`,
    ).run(customer);
  }

  // A purchase credits the query that led to the product.
  private creditQuery(customer: string, product: string): void {
    const led = this.prepare(
      "SELECT query FROM act WHERE customer = ? AND product = ? AND query IS NOT NULL ORDER BY number DESC LIMIT 1",
    ).get(customer, product);
    const text = suggestible(textIn(led?.["query"]));
    if (text === undefined) return;
    this.prepare(
      `INSERT INTO query (text, times, askers) VALUES (?1, ?2, '[]') ON CONFLICT (text) DO UPDATE SET times = times + ?2`,
    ).run(text, purchaseWeight);
  }

  private deleteRareQueries(): void {
    const isRare = `times < ${minTimesAsked}`;
    const rare = this.prepare(`SELECT count(*) AS rare FROM query WHERE ${isRare}`).get()?.["rare"];
    if (Number(rare) > maxRareQueries) this.database.exec(`DELETE FROM query WHERE ${isRare}`);
    this.queriesSinceCleanup = 0;
  }

  private prepare(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (!statement) this.statements.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }
}
