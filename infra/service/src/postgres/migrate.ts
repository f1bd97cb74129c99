import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ShopSql } from "./unit-of-work.ts";

const kitMigrations = new URL("../../migrations/", import.meta.url);

/**
 * Applies the kit's migrations and then the folder's `NNN-name.sql` files that are not applied yet, in order of name, each
 * in a transaction, all under an advisory lock, so that any number of instances may start at once.
 */
export async function migrate(sql: ShopSql, folder: URL): Promise<void> {
  const files = [...(await sqlFiles(kitMigrations, "kit")), ...(await sqlFiles(folder, "own"))];
  const session = await sql.reserve();
  try {
    await session`set lock_timeout = 0`;
    await session`set statement_timeout = 0`;
    await session`select pg_advisory_lock(hashtext('shop:migrate'))`;
    await session`create table if not exists migrations (name text primary key, applied_at timestamptz default now())`;
    const rows = await session<{ name: string }[]>`select name from migrations`;
    const applied = new Set(rows.map((row) => row.name));
    for (const file of files.filter(({ name }) => !applied.has(name))) {
      const statements = await readFile(file.url, "utf8");
      const mark = `insert into migrations (name) values ('${file.name.replaceAll("'", "''")}')`;
      await session.unsafe(`begin;\n${statements}\n;${mark};commit;`).catch(async (error: unknown) => {
        await session`rollback`;
        throw new Error(`the migration ${file.name} failed`, { cause: error });
      });
    }
  } finally {
    await session`select pg_advisory_unlock_all()`;
    await session`reset lock_timeout`;
    await session`reset statement_timeout`;
    session.release();
  }
}

async function sqlFiles(folder: URL, owner: string): Promise<{ name: string; url: URL }[]> {
  const base = folder.href.endsWith("/") ? folder : new URL(`${folder.href}/`);
  const names = (await readdir(fileURLToPath(base))).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name) => ({ name: `${owner}/${name}`, url: new URL(name, base) }));
}
