import { analysisVersion } from "../../text/analysis-version.ts";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { textIn } from "./sqlite-values.ts";

/** The version of tables and analysis; it is part of the file's name, so another one begins a new file. */
export const layout = analysisVersion;

/** An index file and its prepared statements. Not for the main thread, since SQLite blocks. */
export class IndexFile implements Disposable {
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();

  /** Opens a file, and creates its tables if it is new. */
  constructor(path: string) {
    this.database = new DatabaseSync(path);
    try {
      prepareTables(this.database);
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  prepare(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (!statement) this.statements.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }

  /** Reads the rows of a statement one by one. */
  rows(sql: string): Iterable<Record<string, unknown>> {
    return this.database.prepare(sql).iterate();
  }

  /** Runs the work in one transaction. After a failure the thread has to start again from the file. */
  transact<T>(work: () => T): T {
    this.database.exec("BEGIN IMMEDIATE");
    const result = work();
    this.database.exec("COMMIT");
    return result;
  }

  metadata(name: string): string | undefined {
    const stored = this.prepare("SELECT value FROM fact WHERE name = ?").get(name);
    return stored && textIn(stored["value"]);
  }

  setMetadata(name: string, value: string): void {
    this.prepare("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)").run(name, value);
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}

function prepareTables(database: DatabaseSync): void {
  // FULL: acknowledged events must outlive a power cut. A small page cache, since the hot part is in arrays; no mmap, which counts as memory of the process.
  // EXCLUSIVE: the arrays would not see the writes of another process, which waits until this one is gone.
  database.exec(`
    PRAGMA busy_timeout = 2000;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -16000;
    PRAGMA temp_store = MEMORY;
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS term (id INTEGER PRIMARY KEY, text TEXT NOT NULL, written TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS trait (id INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS document (
      row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, is_live INTEGER NOT NULL,
      popularity REAL NOT NULL, title TEXT NOT NULL, record TEXT NOT NULL, tokens BLOB NOT NULL, traits BLOB NOT NULL
    );
    CREATE TABLE IF NOT EXISTS variant (sku TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS variant_of_row ON variant (row);
    CREATE TABLE IF NOT EXISTS stock (
      sku TEXT PRIMARY KEY, version INTEGER NOT NULL, available INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE IF NOT EXISTS text USING fts5 (
      title, brand, type, description, attributes, ids,
      content = '', contentless_delete = 1, tokenize = "ascii tokenchars '.'"
    );
    COMMIT;
  `);
}
