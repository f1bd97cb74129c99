import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { repository } from "../repository.ts";

/** Written last: a folder without it is no backup, or was broken off. */
const manifest = z.object({
  format: z.literal(1),
  /** Everything that was committed by then is in it. */
  madeAt: z.iso.datetime(),
  /** The release that made it. */
  release: z.string(),
  /** Postgres' major version: another one can't read the cluster. */
  postgres: z.string(),
  wasRunning: z.boolean(),
  products: z.int().optional(),
});
export type Manifest = z.infer<typeof manifest>;

export async function writeManifest(
  folder: string,
  facts: Omit<Manifest, "format" | "release">,
): Promise<void> {
  const whole: Manifest = { format: 1, release: await release(), ...facts };
  await writeFile(path.join(folder, fileName), `${JSON.stringify(whole, undefined, 2)}\n`, { mode: 0o600 });
}

export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(path.join(folder, fileName), "utf8").catch(() => undefined);
  if (text === undefined)
    throw new Error(
      `${folder} is no backup (it has no ${fileName}): expected a folder that \`npm run backup\` has made.`,
    );
  const json: unknown = JSON.parse(text);
  const read = manifest.safeParse(json);
  if (!read.success) {
    const { format } = z.looseObject({ format: z.unknown() }).parse(json);
    throw new Error(
      `${folder} has format ${String(format)}; this release (${await release()}) restores format 1.`,
    );
  }
  return read.data;
}

/** The major version of the Postgres that made a cluster. */
export async function postgresVersionOf(cluster: string): Promise<string> {
  return (await readFile(path.join(cluster, "PG_VERSION"), "utf8")).trim();
}

export async function release(): Promise<string> {
  const text = await readFile(path.join(repository, "package.json"), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

const fileName = "backup.json";
