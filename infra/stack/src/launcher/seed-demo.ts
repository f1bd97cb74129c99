import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { bareEnvironment } from "../processes/bare-environment.ts";
import { repository } from "../repository.ts";
import type { ShopOptions } from "./options.ts";
import { readSeedMark, writeSeedMark } from "./seed-mark.ts";

/**
 * Loads the demo data once: a shop that has them in this size is left as it is. A process of its own loads them, so that the
 * launcher, which stays, keeps none of its memory.
 */
export async function seedDemo(
  { dataFolder, products }: ShopOptions,
  url: string,
  staff: { email: string; password: string },
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (readSeedMark(dataFolder) === products) return;
  const args = [path.join(repository, "infra/stack/src/seed.ts"), url, String(products)];
  // Not among the arguments, which every user of the machine can read.
  const env = { ...bareEnvironment(), SHOP_STAFF: JSON.stringify(staff) };
  const seeder = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"], signal });
  const errors: string[] = [];
  createInterface(seeder.stdout).on("line", say);
  createInterface(seeder.stderr).on("line", (line) => errors.push(line));
  await new Promise<void>((resolve, reject) => {
    seeder.once("error", reject);
    seeder.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The demo data could not be loaded:\n${errors.slice(-12).join("\n")}`));
    });
  });
  await writeSeedMark(dataFolder, products);
}
