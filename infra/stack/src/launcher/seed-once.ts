import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import type { ShopOptions } from "./options.ts";
import { repository } from "./options.ts";

/**
 * Seeds the demo data unless this shop has them in this size already. In a process of its own, so that the launcher,
 * which stays, keeps none of its memory.
 */
export async function seedOnce(
  options: ShopOptions,
  url: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const mark = path.join(options.dataFolder, "seeded.json");
  const wanted = JSON.stringify({ products: options.products });
  if ((await readFile(mark, "utf8").catch(() => "")) === wanted) return;
  const args = [path.join(repository, "infra/stack/src/seed.ts"), url, String(options.products)];
  const seeder = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], signal });
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
  await writeFile(mark, wanted);
}
