import type { Logger, Postgres } from "@shop/service";
import DataLoader from "dataloader";

import type { Variant, Variants } from "../domain/cart.ts";
import { currentRevision, findVariants, findVariantsSince, type VariantRow } from "./variants.ts";

export type VariantCache = AsyncDisposable & { variantsOf(skus: Iterable<string>): Promise<Variants> };

/**
 * Variants in memory, so that an addition asks nobody. Kept up by reading every 200 ms what any instance has
 * written since; when that has not worked for a second, the memory isn't believed and Postgres is read.
 */
export async function variantCache(pg: Postgres, log: Pick<Logger, "warn">): Promise<VariantCache> {
  const known = new Map<string, VariantRow>();
  const loader = new DataLoader<string, Variant | undefined>(load, { cache: false, maxBatchSize: 500 });
  let seen = await currentRevision(pg);
  let isCurrentUntilMs = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let polling = poll();

  return {
    async variantsOf(skus) {
      const found = new Map<string, Variant>();
      const isCurrent = performance.now() < isCurrentUntilMs;
      const missing: string[] = [];
      for (const sku of new Set(skus)) {
        const hit = isCurrent ? known.get(sku)?.variant : undefined;
        if (hit) found.set(sku, hit);
        else missing.push(sku);
      }
      if (missing.length === 0) return found;
      for (const variant of await loader.loadMany(missing)) {
        if (variant instanceof Error) throw variant;
        if (variant) found.set(variant.sku, variant);
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      isStopped = true;
      clearTimeout(timer);
      await polling;
    },
  };

  async function load(skus: readonly string[]) {
    const rows = await findVariants(pg, skus);
    for (const row of rows) keep(row);
    const bySku = new Map(rows.map(({ variant }) => [variant.sku, variant]));
    return skus.map((sku) => bySku.get(sku));
  }

  // A slow read must not put back what a later poll has renewed.
  function keep(row: VariantRow) {
    const { sku } = row.variant;
    const held = known.get(sku);
    if (held && held.revision > row.revision) return;
    if (!held && known.size >= maxKept)
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    known.set(sku, row);
  }

  async function poll() {
    const startedMs = performance.now();
    try {
      const revision = await currentRevision(pg);
      if (revision > seen) for (const row of await findVariantsSince(pg, seen)) keep(row);
      seen = revision;
      isCurrentUntilMs = startedMs + believedMs;
    } catch (error) {
      log.warn({ err: error }, "could not read what has changed of the variants");
    }
    if (isStopped) return;
    timer = setTimeout(() => {
      polling = poll();
    }, pollMs);
  }
}

const pollMs = 200;
const believedMs = 1000;
const maxKept = 20_000;
