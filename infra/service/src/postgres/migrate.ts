import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ShopSql } from "./transaction.ts";

const kitMigrations = new URL("../../migrations/", import.meta.url);

/** A migration file; `name` is its key in the table `migrations`, `path` is where a reader of a message finds it. */
type MigrationFile = { name: string; path: string; statements: string; checksum: string };

/**
 * Migrates a database: first the kit's folder, then the service's. Numbered files (`NNN-name.sql`) are applied once each, in
 * order of name; then the files of `repeatable/` (functions and views, `create or replace`), in order of name, whenever their
 * checksum has changed. Each file is a transaction; an advisory lock lets any number of instances start at once. Throws,
 * before anything is applied, when an applied numbered file was edited or is missing.
 */
export async function migrate(sql: ShopSql, folder: URL): Promise<void> {
  const folders = [
    { owner: "kit", base: kitMigrations },
    { owner: "own", base: folder },
  ];
  const numbered = (await Promise.all(folders.map(({ owner, base }) => readFolder(base, owner)))).flat();
  const repeatable = (
    await Promise.all(
      folders.map(({ owner, base }) =>
        readFolder(new URL("repeatable/", asFolder(base)), `${owner}/repeatable`),
      ),
    )
  ).flat();
  const session = await sql.reserve();
  try {
    await session`set lock_timeout = 0`;
    await session`set statement_timeout = 0`;
    await session`select pg_advisory_lock(hashtext('shop:migrate'))`;
    await session`
      create table if not exists migrations (
        name text primary key, checksum text not null, applied_at timestamptz not null default now()
      )`;
    // A table from before the checksums has no such column: as JSON it is null there, which equals no checksum.
    const rows = await session<{ name: string; checksum: string | null }[]>`
      select name, to_jsonb(migrations)->>'checksum' as checksum from migrations order by name`;
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    const refusal = refusalOf(numbered, applied, folder);
    if (refusal) throw new Error(refusal);
    for (const file of [...numbered, ...repeatable]) {
      if (applied.get(file.name) === file.checksum) continue;
      const record = `insert into migrations (name, checksum) values (${quoted(file.name)}, ${quoted(file.checksum)})
        on conflict (name) do update set checksum = excluded.checksum, applied_at = now()`;
      await session.unsafe(`begin;\n${file.statements}\n;${record};commit;`).catch(async (error: unknown) => {
        await session`rollback`;
        throw new Error(`the migration ${file.path} failed`, { cause: error });
      });
    }
  } finally {
    await session`select pg_advisory_unlock_all()`;
    await session`reset lock_timeout`;
    await session`reset statement_timeout`;
    session.release();
  }
}

/** Why these files can't be those of a database with these applied migrations, in one sentence; undefined when they can. */
function refusalOf(
  numbered: readonly MigrationFile[],
  applied: ReadonlyMap<string, string | null>,
  folder: URL,
): string | undefined {
  const afresh = "begin afresh by `npm start -- --reset`, which removes all data of this shop";
  const byName = new Map(numbered.map((file) => [file.name, file]));
  for (const [name, checksum] of applied) {
    if (name.includes("/repeatable/")) continue;
    const file = byName.get(name);
    if (!file) {
      const [owner = "", base = ""] = name.split("/");
      const missing = pathOf(new URL(base, asFolder(owner === "kit" ? kitMigrations : folder)));
      return `The database was made by another release, whose migration ${missing} is not in this one: run that release, or ${afresh}.`;
    }
    if (file.checksum !== checksum)
      return `The migration ${file.path} was changed after this database had applied it: restore the file and write the change into a new one, or ${afresh}.`;
  }
  return undefined;
}

async function readFolder(folder: URL, owner: string): Promise<MigrationFile[]> {
  const base = asFolder(folder);
  const entries = await readdir(fileURLToPath(base)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && owner.endsWith("repeatable")) return [];
    throw error;
  });
  const names = entries.filter((name) => name.endsWith(".sql")).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const url = new URL(name, base);
      const statements = (await readFile(url, "utf8")).replaceAll("\r\n", "\n");
      const checksum = createHash("sha256").update(statements).digest("hex");
      return { name: `${owner}/${name}`, path: pathOf(url), statements, checksum };
    }),
  );
}

const asFolder = (url: URL): URL => (url.href.endsWith("/") ? url : new URL(`${url.href}/`));
/** As in the repository: `subgraphs/order/migrations/001-baseline.sql`. */
const pathOf = (url: URL): string => url.pathname.split("/").slice(-4).join("/");
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
