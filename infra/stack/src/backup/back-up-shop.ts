import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { lockDataFolder, isLocked } from "../launcher/lock-data-folder.ts";
import { shopMark } from "../launcher/data-folder.ts";
import { readSeedMark } from "../launcher/seed-mark.ts";
import { readShopFile, type ShopStatus } from "../launcher/shop-file.ts";
import type { Steps } from "../launcher/progress-output.ts";
import { stopOrphans } from "../processes/stop-orphans.ts";
import { copyRunningPostgres, copyStoppedPostgres } from "./copy-postgres.ts";
import { copyRunningRedis, copyStoppedRedis } from "./copy-redis.ts";
import { copySqlite } from "./copy-sqlite.ts";
import { postgresVersionOf, writeManifest } from "./manifest.ts";

/** Small files of the launcher's. */
const smallFiles = ["seeded.json", "own-demo-password", shopMark];

/**
 * Copies all that can't be had again: Postgres, guests' carts, the stand-in for Stripe, keys. The
 * shop may run. Postgres comes first, so that no copy of a later store lacks what Postgres refers to.
 */
export async function backUpShop(dataFolder: string, to: string, steps: Steps): Promise<void> {
  if (!existsSync(path.join(dataFolder, shopMark)))
    throw new Error(`${dataFolder} has no shop. Name the folder of one: --data <folder>`);
  if (existsSync(to)) throw new Error(`${to} is there already. Name a folder that isn't: --to <folder>`);
  const draft = `${to}.partial`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await chmod(draft, 0o700);
  try {
    await copyShop(dataFolder, draft, steps);
    await rename(draft, to);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function copyShop(dataFolder: string, to: string, steps: Steps): Promise<void> {
  const running = await readRunning(dataFolder);
  // A stopped shop can't start meanwhile.
  const unlock = running ? async () => undefined : await lockDataFolder(dataFolder);
  try {
    if (!running) await stopOrphans(dataFolder);
    refuseExternal(dataFolder, running);
    const at = (...names: string[]) => path.join(dataFolder, ...names);
    const into = (...names: string[]) => path.join(to, ...names);
    const madeAt = new Date().toISOString();
    await steps.step("Postgres, all databases as of one moment", async (say) => {
      const onFile = everySecond(say);
      if (running)
        await copyRunningPostgres(running.stores.postgres, at("postgres"), into("postgres"), onFile);
      else await copyStoppedPostgres(at("postgres"), into("postgres"), onFile);
    });
    await steps.step("guests' carts", async () => {
      if (running?.storePids["redis"])
        await copyRunningRedis(running.stores.redis, at("redis"), into("redis"));
      else if (existsSync(at("redis"))) await copyStoppedRedis(at("redis"), into("redis"));
    });
    await steps.step("stand-in for Stripe", () =>
      copySqlite(at("stripe", "stripe.sqlite"), into("stripe", "stripe.sqlite")),
    );
    for (const name of smallFiles) {
      if (!existsSync(at(name))) continue;
      await copyFile(at(name), into(name));
      await chmod(into(name), 0o600);
    }
    const products = readSeedMark(dataFolder);
    await writeManifest(to, {
      madeAt,
      postgres: await postgresVersionOf(into("postgres")),
      wasRunning: running !== undefined,
      ...(products !== undefined && { products }),
    });
  } finally {
    await unlock();
  }
}

/** The status of the shop that runs on the folder, if its launcher does. */
async function readRunning(dataFolder: string): Promise<ShopStatus | undefined> {
  // A killed launcher leaves its file behind.
  return (await isLocked(dataFolder)) ? await readShopFile(dataFolder) : undefined;
}

/** External stores have backups of their own. */
function refuseExternal(dataFolder: string, running: ShopStatus | undefined): void {
  const isOwn = running ? running.storePids["postgres"] !== undefined : !process.env["DATABASE_URL"];
  if (isOwn && existsSync(path.join(dataFolder, "postgres"))) return;
  throw new Error(
    "This shop's Postgres is one that you bring (DATABASE_URL), and `npm run backup` copies only the stores that `npm start` has " +
      "started. Use your server's own means for all databases shop_* at one moment (pg_basebackup, a snapshot of its disk; pg_dump takes one " +
      `database at a time, and they would not agree), and keep ${path.join(dataFolder, shopMark)} with it.`,
  );
}

const mb = 1024 * 1024;

function everySecond(say: (detail: string) => void): (files: number, bytes: number) => void {
  let saidAt = Date.now();
  return (files, bytes) => {
    if (Date.now() - saidAt < sayEveryMs) return;
    saidAt = Date.now();
    say(`${files} files, ${Math.round(bytes / mb)} MB`);
  };
}
const sayEveryMs = 1_000;
