import DataLoader from "dataloader";
import type { Postgres } from "@shop/service";
import { availableUnits, levelsOf, type Level } from "./store.ts";

/** Batches of all requests together: what they read is the same for everyone, and is read afresh each time. */
export type Loaders = {
  unitsByVariant: DataLoader<string, number>;
  levelsByVariant: DataLoader<string, Level[]>;
};

/** One set for the whole process. Nothing is cached: stock is as true as the database at the moment of asking. */
export function openLoaders(pg: Postgres): Loaders {
  const options = {
    cache: false,
    maxBatchSize: 1_000,
    batchScheduleFn: (run: () => void) => setImmediate(run),
  };
  return {
    unitsByVariant: new DataLoader((ids) => once(ids, (distinct) => availableUnits(pg, distinct)), options),
    levelsByVariant: new DataLoader(
      (ids) =>
        once(ids, async (distinct) => {
          const byVariant = Map.groupBy(
            await levelsOf(pg, "variant_id", distinct),
            (level) => level.variantId,
          );
          return distinct.map((id) => byVariant.get(id) ?? []);
        }),
      options,
    ),
  };
}

/** RequestInput for each id once, though many requests may ask for the same. */
async function once<Found>(
  ids: readonly string[],
  find: (distinct: string[]) => Promise<Found[]>,
): Promise<Found[]> {
  const distinct = [...new Set(ids)];
  const found = await find(distinct);
  const byId = new Map(distinct.map((id, at) => [id, found[at] as Found]));
  return ids.map((id) => byId.get(id) as Found);
}
