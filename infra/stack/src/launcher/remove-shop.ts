import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { dataFolderEntries, restoreMark, shopMark } from "./data-folder.ts";

/**
 * Removes a shop's entries of its data folder, by name, since `--data` may name a folder that holds other things as well. Throws
 * where entries have a shop's names and there never was a shop. `spared` entries stay.
 */
export async function removeShop(dataFolder: string, spared: readonly string[] = []): Promise<void> {
  const isThere = (name: string) => !spared.includes(name) && existsSync(path.join(dataFolder, name));
  const entries = dataFolderEntries.filter(isThere);
  if (!entries.includes(shopMark) && !entries.includes(restoreMark)) {
    // The search for orphans makes `run`.
    const others = entries.filter((name) => name !== "run");
    if (others.length === 0) return;
    throw new Error(
      `${dataFolder} is no shop's folder, and --reset would remove what lies there: ${others.join(", ")}. ` +
        "Give a shop's folder, or one that is empty: --data <folder>",
    );
  }
  const remove = (name: string) => rm(path.join(dataFolder, name), { recursive: true, force: true });
  await Promise.all(entries.filter((name) => name !== shopMark).map(remove));
  // Last, so that a reset that was killed in the middle can be repeated.
  await remove(shopMark);
}
