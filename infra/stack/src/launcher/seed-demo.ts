import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { bareEnvironment } from "../processes/bare-environment.ts";
import type { ShopOptions } from "./options.ts";
import { repository } from "../repository.ts";

/**
 * Seeds the demo data unless this shop has them in this size already. In a process of its own, so that the launcher,
 * which stays, keeps none of its memory.
 */
export async function seedOnce(
  options: ShopOptions,
  url: string,
  staff: { email: string; password: string },
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (seededBefore(options.dataFolder) === options.products) return;
  const args = [path.join(repository, "infra/stack/src/seed.ts"), url, String(options.products)];
  // Not among the arguments, which every user of the machine can read.
  const env = { ...bareEnvironment(), SHOP_STAFF: JSON.stringify(staff) };
  const seeder = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"], signal });
  const complaints: string[] = [];
  createInterface(seeder.stdout).on("line", say);
  createInterface(seeder.stderr).on("line", (line) => complaints.push(line));
  await new Promise<void>((resolve, reject) => {
    seeder.once("error", reject);
    seeder.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The demo data could not be loaded:\n${complaints.slice(-12).join("\n")}`));
    });
  });
  await writeFile(markIn(options.dataFolder), JSON.stringify({ products: options.products }));
}

/** How many products the demo of this folder has; undefined for a new one. */
export function seededBefore(dataFolder: string): number | undefined {
  try {
    return mark.parse(JSON.parse(readFileSync(markIn(dataFolder), "utf8"))).products;
  } catch {
    return undefined;
  }
}

const mark = z.object({ products: z.int() });
const markIn = (dataFolder: string) => path.join(dataFolder, "seeded.json");
