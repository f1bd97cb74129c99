import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { lockDataFolder } from "../launcher/lock-data-folder.ts";
import { removeShop } from "../launcher/remove-shop.ts";
import { restoreMark, shopMark } from "../launcher/data-folder.ts";
import type { Steps } from "../launcher/progress-output.ts";
import { stopOrphans } from "../processes/stop-orphans.ts";
import { findPostgres } from "../stores/postgres-program.ts";
import { runCommand } from "../stores/run-command.ts";
import { postgresUser } from "../stores/start-postgres.ts";
import { copyFolder } from "./copy-folder.ts";
import { postgresVersionOf, readManifest, type Manifest } from "./manifest.ts";

export type ToRestore = {
  backup: string;
  dataFolder: string;
  /** Whether a shop that is there may be replaced. */
  shouldReplace: boolean;
  /** A data folder whose stand-in for Stripe is kept: a real provider isn't restored either. */
  standInOf?: string | undefined;
};

/**
 * Makes a shop of a backup, for `npm start` to open. The stream, the search index and logs aren't in it: the outbox
 * relay publishes late events again from Postgres, and search fills its index anew. A replaced shop keeps its stand-in for Stripe,
 * since a provider remembers what happened after the backup.
 */
export async function restoreShop(wanted: ToRestore, steps: Steps): Promise<Manifest> {
  const { backup, dataFolder, shouldReplace, standInOf } = wanted;
  const facts = await readManifest(backup);
  if (standInOf && !existsSync(path.join(standInOf, "stripe")))
    throw new Error(`${standInOf} has no folder "stripe": --stand-in-of takes a shop's data folder.`);
  const unlock = await lockDataFolder(dataFolder);
  const at = (...names: string[]) => path.join(dataFolder, ...names);
  const draft = at("restored.new");
  try {
    const isThere = [shopMark, "postgres", restoreMark].some((name) => existsSync(at(name)));
    if (isThere && !shouldReplace)
      throw new Error(
        `${dataFolder} has a shop. Name another folder (--data), or replace that one: --replace`,
      );
    await stopOrphans(dataFolder);
    await steps.step(
      `backup of ${facts.madeAt}, release ${facts.release}, Postgres ${facts.postgres}`,
      async (say) => {
        await rm(draft, { recursive: true, force: true });
        await copyFolder(backup, draft, {
          onFile: (files) => void (files % 500 === 0 && say(`${files} files`)),
        });
        await prepareCluster(draft, dataFolder);
      },
    );
    // The shop's own stand-in is never moved, so that a restore that is killed anywhere can't lose what it knows.
    const spared = [restoreMark, path.basename(draft)];
    const ownStandIn = standInOf === undefined && existsSync(at("stripe"));
    if (ownStandIn) spared.push("stripe");
    if (ownStandIn || standInOf) await rm(path.join(draft, "stripe"), { recursive: true, force: true });
    if (standInOf) await copyFolder(path.join(standInOf, "stripe"), path.join(draft, "stripe"));
    // From here on half a shop may lie there, which `npm start` then refuses.
    await writeFile(at(restoreMark), "", { mode: 0o600 });
    if (existsSync(at(shopMark))) await removeShop(dataFolder, spared);
    for (const name of await readdir(draft)) {
      if (name === "backup.json") continue;
      await rm(at(name), { recursive: true, force: true });
      await rename(path.join(draft, name), at(name));
    }
    await rm(at(restoreMark));
    return facts;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await unlock();
  }
}

/** Checks the version of the cluster, and gives its files to the user that Postgres runs as. */
async function prepareCluster(draft: string, dataFolder: string): Promise<void> {
  const cluster = path.join(draft, "postgres");
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  const version = await postgresVersionOf(cluster);
  const program = await findPostgres();
  const said = await runCommand(program.postgres, ["--version"]);
  const [, own = ""] = /(\d+)\.\d+/.exec(said.output) ?? [];
  if (own !== version)
    throw new Error(
      `The backup is of Postgres ${version}, and this release has Postgres ${own}. Restore it by a release that has ${version}.`,
    );
  const account = await postgresUser(program, dataFolder, cluster);
  if (!account) return;
  const chowned = await runCommand("chown", ["-R", `${account.uid}:${account.gid}`, cluster]);
  if (!chowned.ok) throw new Error(`The restored files can't be given to Postgres' user: ${chowned.output}`);
}
