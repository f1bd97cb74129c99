import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { dataFolderEntries, restoreMark, shopMark as mark } from "./data-folder.ts";

/**
 * Removes what a shop has written, by name: the folder that `--data` names may hold other things as well. Throws where no shop
 * has ever been, and things lie that are called like a shop's. What is spared stays.
 */
export async function removeShop(dataFolder: string, spared: readonly string[] = []): Promise<void> {
  const there = dataFolderEntries.filter((name) => !spared.includes(name) && existsSync(path.join(dataFolder, name)));
  if (!there.includes(mark) && !there.includes(restoreMark)) {
    // Who looks for what an earlier start has left running makes `run`.
    const others = there.filter((name) => name !== "run");
    if (others.length === 0) return;
    throw new Error(
      `${dataFolder} is no shop's folder, and --reset would remove what lies there: ${others.join(", ")}. ` +
        "Give a shop's folder, or one that is empty: --data <folder>",
    );
  }
  const forget = (name: string) => rm(path.join(dataFolder, name), { recursive: true, force: true });
  await Promise.all(there.filter((name) => name !== mark).map(forget));
  // Last: a reset that was killed in the middle can be asked for again.
  await forget(mark);
}
