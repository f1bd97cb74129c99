import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

const place = z.object({
  url: z.url(),
  pid: z.int(),
  /** Where a debugger may attach, with --inspect. */
  inspectPort: z.int().optional(),
});

/** The status of a running shop in `<data>/shop.json`, for tests, benches and the operator's commands. */
export const shopStatus = z.object({
  /** The graph. */
  url: z.url(),
  isReady: z.boolean(),
  products: z.int(),
  launcher: z.object({ pid: z.int() }),
  gateway: place,
  stripe: place.optional(),
  /** By subgraph; those that share a process have the same pid. */
  services: z.record(z.string(), place),
  /** The administrators' URLs. */
  stores: z.object({
    postgres: z.string(),
    redis: z.string(),
    nats: z.string(),
    elasticsearch: z.string().optional(),
  }),
  /** Pids of the stores that the launcher started, by name. */
  storePids: z.record(z.string(), z.int()),
});
export type ShopStatus = z.infer<typeof shopStatus>;

export async function readShopFile(dataFolder: string): Promise<ShopStatus | undefined> {
  const text = await readFile(shopFile(dataFolder), "utf8").catch(() => undefined);
  return text === undefined ? undefined : shopStatus.parse(JSON.parse(text));
}

/** Readers see the old or the new one, never half of it. It holds store passwords. */
export async function writeShopFile(dataFolder: string, status: ShopStatus): Promise<void> {
  const draft = `${shopFile(dataFolder)}.new`;
  await writeFile(draft, JSON.stringify(status, undefined, 2), { mode: 0o600 });
  await rename(draft, shopFile(dataFolder));
}

export async function removeShopFile(dataFolder: string): Promise<void> {
  await rm(shopFile(dataFolder), { force: true });
}

function shopFile(dataFolder: string): string {
  return path.join(dataFolder, "shop.json");
}
