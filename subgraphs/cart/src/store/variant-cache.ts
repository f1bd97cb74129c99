import { pollLoop, type Logger, type Postgres } from "@shop/service";
import DataLoader from "dataloader";
import { LRUCache } from "lru-cache";
import type { Variant, Variants } from "../domain/cart.ts";
import { currentRevision, findVariants, findVariantsSince, type VariantRow } from "./variants.ts";

export type VariantCache = AsyncDisposable & { variantsOf(skus: Iterable<string>): Promise<Variants> };

/**
 * A cache of variants, so that an edit makes no read. Polls every 200 ms for rows that any instance has written since; when
 * the poll hasn't succeeded for a second, reads go to Postgres.
 */
export async function variantCache(pg: Postgres, log: Pick<Logger, "warn">): Promise<VariantCache> {
  const cached = new LRUCache<string, VariantRow>({ max: 20_000 });
  const loader = new DataLoader<string, Variant | undefined>(load, { cache: false, maxBatchSize: 500 });
  let seen = await currentRevision(pg);
  let isCurrentUntilMs = 0;
  const onError = (error: unknown) => log.warn({ err: error }, "could not poll for changed variants");
  const polling = pollLoop({ everyMs: pollMs, onError }, poll);

  return {
    async variantsOf(skus) {
      const found = new Map<string, Variant>();
      const isCurrent = performance.now() < isCurrentUntilMs;
      const missing: string[] = [];
      for (const sku of new Set(skus)) {
        const hit = isCurrent ? cached.get(sku) : undefined;
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
    [Symbol.asyncDispose]: () => polling[Symbol.asyncDispose](),
  };

  async function load(skus: readonly string[]) {
    const rows = await findVariants(pg, skus);
    for (const row of rows) keep(row);
    const bySku = new Map(rows.map((row) => [row.sku, row]));
    return skus.map((sku) => bySku.get(sku));
  }

  // A slow read must not overwrite the newer row of a later poll.
  function keep(row: VariantRow) {
    const present = cached.peek(row.sku);
    if (!present || present.revision <= row.revision) cached.set(row.sku, row);
  }

  async function poll() {
    const startedMs = performance.now();
    const revision = await currentRevision(pg);
    if (revision > seen) for (const row of await findVariantsSince(pg, seen)) keep(row);
    seen = revision;
    isCurrentUntilMs = startedMs + trustedMs;
  }
}

const pollMs = 200;
const trustedMs = 1000;
