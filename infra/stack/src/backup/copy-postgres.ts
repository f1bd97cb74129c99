import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import postgres from "postgres";
import { copyFolder, type CopyOptions } from "./copy-folder.ts";

/**
 * A base backup of a cluster that runs, by Postgres' own low-level interface (docs, "Making a Base Backup Using the Low Level
 * API"): all databases as of one position in the log, so they agree with each other as after a power failure. The log that
 * the copy needs is kept by a temporary replication slot until it is copied as well.
 */
export async function copyRunningPostgres(
  adminUrl: string,
  cluster: string,
  to: string,
  onFile: CopyOptions["onFile"],
): Promise<void> {
  // One connection: the backup and the slot end with it.
  const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined, idle_timeout: 0, max_lifetime: null });
  const name = `shop_backup_${randomBytes(6).toString("hex")}`;
  try {
    await sql`SELECT pg_create_physical_replication_slot(${name}, true, true)`;
    const [begin] = await sql<{ segment: string }[]>`
      SELECT pg_walfile_name(pg_backup_start(${name}, true)) AS segment`;
    await copyFolder(cluster, to, { isWanted: isData, ...(onFile && { onFile }) });
    for (const folder of emptied) await mkdir(path.join(to, folder), { recursive: true, mode: 0o700 });
    const [end] = await sql<{ segment: string; label: string }[]>`
      SELECT pg_walfile_name(lsn) AS segment, labelfile AS label FROM pg_backup_stop(wait_for_archive => false)`;
    if (!begin || !end) throw new Error("Postgres gave no position of the backup.");
    // With this file Postgres begins at the backup's start, and goes on until its end.
    await writeFile(path.join(to, "backup_label"), end.label, { mode: 0o600 });
    await copyLog(cluster, to, begin.segment, end.segment);
  } finally {
    await sql.end();
  }
}

/** A cluster that is stopped, its whole log included: it may not have been stopped in order. */
export async function copyStoppedPostgres(
  cluster: string,
  to: string,
  onFile: CopyOptions["onFile"],
): Promise<void> {
  const isWanted = (file: string): boolean => !processFiles.has(file);
  await copyFolder(cluster, to, { isWanted, ...(onFile && { onFile }) });
}

const processFiles = new Set(["postmaster.pid", "postmaster.opts"]);
/** Folders of the running server alone, which it fills anew. */
const emptied = [
  ...["pg_wal", "pg_wal/archive_status", "pg_wal/summaries", "pg_replslot", "pg_dynshmem", "pg_notify"],
  ...["pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"],
];

function isData(file: string): boolean {
  if (processFiles.has(file) || file === "backup_label") return false;
  if (emptied.some((folder) => file.startsWith(`${folder}/`))) return false;
  return !/(^|\/)(pgsql_tmp[^/]*|pg_internal\.init[^/]*)(\/|$)/.test(file);
}

/** Segments are named in the order of the log; the timeline stands in front. */
async function copyLog(cluster: string, to: string, from: string, until: string): Promise<void> {
  const segments = (await readdir(path.join(cluster, "pg_wal"))).filter(
    (file) => (/^[0-9A-F]{24}$/.test(file) && file >= from && file <= until) || file.endsWith(".history"),
  );
  for (const needed of [from, until])
    if (!segments.includes(needed))
      throw new Error(`Postgres no longer has ${needed} of its log. Try again.`);
  for (const file of segments) {
    const target = path.join(to, "pg_wal", file);
    await copyFile(path.join(cluster, "pg_wal", file), target);
    await chmod(target, 0o600);
  }
}
