import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

const mark = z.object({ products: z.int() });
const markIn = (dataFolder: string) => path.join(dataFolder, "seeded.json");

/** The number of demo products in a data folder; undefined for a new one. */
export function readSeedMark(dataFolder: string): number | undefined {
  try {
    return mark.parse(JSON.parse(readFileSync(markIn(dataFolder), "utf8"))).products;
  } catch {
    return undefined;
  }
}

export async function writeSeedMark(dataFolder: string, products: number): Promise<void> {
  await writeFile(markIn(dataFolder), JSON.stringify({ products }));
}
