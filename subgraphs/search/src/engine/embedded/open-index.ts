import { DatabaseSync } from "node:sqlite";

/** The version of the tables; it is part of the file's name, so another layout begins a new file. */
export const layout = 3;

/** Opens an index file, and creates its tables if it is new. */
export function openIndex(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    prepareTables(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
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
      title TEXT NOT NULL, record TEXT NOT NULL, tokens BLOB NOT NULL, traits BLOB NOT NULL
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
