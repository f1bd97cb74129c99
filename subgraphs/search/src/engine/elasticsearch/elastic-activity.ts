import type { Client, estypes } from "@elastic/elasticsearch";
import type { Interaction, Activity, Preferences } from "../engine.ts";
import { historyLength, preferencesFrom } from "../../ranking/preferences.ts";
import { popularityGain, staticRankOf, interactionWeight } from "../../ranking/popularity.ts";
import {
  countAsker,
  purchaseWeight,
  maxRareQueries,
  suggestible,
  cleanUpEvery,
  minTimesAsked,
} from "../../query/suggestions.ts";
import type { ElasticDocument } from "./elastic-document.ts";

type StoredInteraction = { productId: string; weight: number; query: string | null };
type ActivityRecord = {
  kind: "product" | "customer" | "query";
  query?: string;
  times?: number;
  askers?: readonly string[];
  /** Of a product: its popularity. */
  score?: number;
  acts?: StoredInteraction[];
};
type StoredRecord = { source: ActivityRecord; seqNo: number; primaryTerm: number };
type Change = (known: ActivityRecord | undefined) => ActivityRecord;

const mapping: estypes.MappingTypeMapping = {
  dynamic: false,
  properties: { kind: { type: "keyword" }, query: { type: "keyword" }, times: { type: "long" } },
};
const maxAttempts = 5;

/** Activity of shoppers, in an index of its own: it outlives a rebuild, since no other service has it. */
export function elasticActivity(
  { client, quick }: { client: Client; quick: Client },
  prefix: string,
  products: string,
) {
  const index = `${prefix}-activity`;

  let changesSinceCleanup = Infinity;

  const ensure = async () => {
    if (await client.indices.exists({ index })) return;
    await client.indices.create({ index, mappings: mapping }).catch(async (error: unknown) => {
      if (!(await client.indices.exists({ index }))) throw error;
    });
  };
  const read = async (ids: readonly string[], by = client): Promise<Map<string, StoredRecord>> => {
    if (ids.length === 0) return new Map();
    // A missing index is an error for each id, which reads as unknown.
    const { docs } = await by.mget<ActivityRecord>({ index, ids: [...ids] });
    return new Map(
      docs.flatMap((found): [string, StoredRecord][] => {
        if (!("_source" in found) || !found._source) return [];
        const known = {
          source: found._source,
          seqNo: found._seq_no ?? 0,
          primaryTerm: found._primary_term ?? 0,
        };
        return [[found._id, known]];
      }),
    );
  };
  // Compare-and-set, so that the concurrent changes of two instances both count.
  const change = async (changes: ReadonlyMap<string, Change>): Promise<Map<string, ActivityRecord>> => {
    const written = new Map<string, ActivityRecord>();
    let ids = [...changes.keys()];
    for (let tries = 0; ids.length > 0 && tries < maxAttempts; tries++) {
      const known = await read(ids);
      const now = ids.map((id) => ({
        id,
        before: known.get(id),
        after: changes.get(id)?.(known.get(id)?.source),
      }));
      const { items } = await client.bulk({
        operations: now.flatMap(({ id, before, after }) => [
          before
            ? {
                index: {
                  _index: index,
                  _id: id,
                  if_seq_no: before.seqNo,
                  if_primary_term: before.primaryTerm,
                },
              }
            : { create: { _index: index, _id: id } },
          after ?? {},
        ]),
      });
      ids = [];
      items.forEach((item, at) => {
        const status = (item.index ?? item.create)?.status ?? 500;
        const each = now[at];
        if (!each?.after) return;
        if (status === 409) ids.push(each.id);
        else if (status < 300) written.set(each.id, each.after);
      });
    }
    return written;
  };
  // The rank is copied to the products, for sorts. A product that is missing now gets it when it is written.
  const updateStaticRanks = async (popularity: ReadonlyMap<string, number>) => {
    if (popularity.size === 0) return;
    const { docs } = await client.mget<Pick<ElasticDocument, "published_at">>({
      index: products,
      ids: [...popularity.keys()],
      _source: ["published_at"],
    });
    const operations = docs.flatMap((found) => {
      if (!("_source" in found) || !found._source) return [];
      const standing = staticRankOf(popularity.get(found._id) ?? 0, found._source.published_at);
      return [{ update: { _index: products, _id: found._id, retry_on_conflict: 3 } }, { doc: { standing } }];
    });
    if (operations.length > 0) await client.bulk({ require_alias: true, operations });
  };

  // A view may name an unknown product; a purchase can't.
  const ofKnownProducts = async (interactions: readonly Interaction[]): Promise<Interaction[]> => {
    const looked = interactions.filter(({ bought }) => bought === 0).map(({ productId }) => productId);
    if (looked.length === 0) return [...interactions];
    const { docs } = await client.mget({ index: products, ids: [...new Set(looked)], _source: false });
    const known = new Set(docs.flatMap((found) => ("found" in found && found.found ? [found._id] : [])));
    return interactions.filter(({ productId, bought }) => bought > 0 || known.has(productId));
  };
  const deleteRareQueries = async () => {
    const query = {
      bool: { filter: [{ term: { kind: "query" } }, { range: { times: { lt: minTimesAsked } } }] },
    };
    if ((await client.count({ index, query })).count > maxRareQueries) {
      await client.deleteByQuery({ index, query, conflicts: "proceed", wait_for_completion: false });
    }
    changesSinceCleanup = 0;
  };

  return {
    index,
    /** Creates the index if it is missing. */
    ensure,

    async record(done: Activity): Promise<void> {
      if (done.queries.length === 0 && done.interactions.length === 0) return;
      await ensure();
      const interactions = await ofKnownProducts(done.interactions);
      const changes = new Map<string, Change>();
      const askers = Map.groupBy(done.queries, ([query]) => suggestible(query));
      const ledToPurchases = Map.groupBy(await queriesThatLedToPurchases(interactions, read), suggestible);
      for (const query of new Set([...askers.keys(), ...ledToPurchases.keys()])) {
        if (query === undefined) continue;
        const purchases = ledToPurchases.get(query)?.length ?? 0;
        changes.set(queryId(query), (known) => {
          let asked = { times: known?.times ?? 0, askers: known?.askers ?? [] };
          for (const [, asker] of askers.get(query) ?? []) asked = countAsker(asked, asker);
          return { kind: "query", query, ...asked, times: asked.times + purchases * purchaseWeight };
        });
      }
      for (const [productId, own] of Map.groupBy(interactions, (interaction) => interaction.productId)) {
        const weight = own.reduce((sum, interaction) => sum + popularityGain(interaction), 0);
        changes.set(productKey(productId), (known) => ({
          kind: "product",
          score: (known?.score ?? 0) + weight,
        }));
      }
      for (const [customerId, own] of Map.groupBy(interactions, (interaction) => interaction.customerId)) {
        if (customerId === null) continue;
        const fresh = own.map((interaction) => ({
          productId: interaction.productId,
          weight: interactionWeight(interaction),
          query: interaction.query,
        }));
        changes.set(customerKey(customerId), (known) => ({
          kind: "customer",
          acts: [...(known?.acts ?? []), ...fresh].slice(-historyLength),
        }));
      }
      const written = await change(changes);
      const popularity = [...written].flatMap(([id, { kind, score = 0 }]): [string, number][] =>
        kind === "product" ? [[id.slice(productKey("").length), score]] : [],
      );
      await updateStaticRanks(new Map(popularity));
      changesSinceCleanup += changes.size;
      if (changesSinceCleanup > cleanUpEvery) await deleteRareQueries();
    },

    async preferencesOf(customerId: string): Promise<Preferences | undefined> {
      const known = await read([customerKey(customerId)], quick);
      const interactions = known.get(customerKey(customerId))?.source.acts ?? [];
      if (interactions.length === 0) return undefined;
      const { docs } = await quick.mget<Pick<ElasticDocument, "brand_key" | "category_path">>({
        index: products,
        ids: [...new Set(interactions.map(({ productId }) => productId))],
        _source: ["brand_key", "category_path"],
      });
      const kinds = new Map(
        docs.flatMap((found) => ("_source" in found && found._source ? [[found._id, found._source]] : [])),
      );
      return preferencesFrom(
        interactions.flatMap(({ productId, weight }) => {
          const kind = kinds.get(productId);
          return kind ? [{ brand: kind.brand_key, category: kind.category_path.at(-1), weight }] : [];
        }),
      );
    },

    /** The popularity of each of these products. */
    async popularityOf(ids: readonly string[]): Promise<Map<string, number>> {
      const known = await read(ids.map(productKey));
      return new Map(ids.map((id) => [id, known.get(productKey(id))?.source.score ?? 0]));
    },

    /** Suggested queries with the prefix, the most asked first. */
    async queriesLike(start: string, size: number): Promise<string[]> {
      const { hits } = await quick.search<ActivityRecord>({
        index,
        ignore_unavailable: true,
        size,
        query: {
          bool: {
            filter: [
              { term: { kind: "query" } },
              { prefix: { query: start } },
              { range: { times: { gte: minTimesAsked } } },
            ],
          },
        },
        sort: [
          { times: { order: "desc", unmapped_type: "long" } },
          { query: { order: "asc", unmapped_type: "keyword" } },
        ],
        track_total_hits: false,
        _source: ["query"],
      });
      return hits.hits.flatMap(({ _source }) => _source?.query ?? []);
    },
  };
}

const queryId = (query: string) => `query:${query}`;
const productKey = (id: string) => `product:${id}`;
const customerKey = (id: string) => `customer:${id}`;

// A purchase credits the query that led to the product.
async function queriesThatLedToPurchases(
  interactions: readonly Interaction[],
  read: (ids: readonly string[]) => Promise<Map<string, StoredRecord>>,
): Promise<string[]> {
  const bought = interactions.filter(({ customerId, bought: units }) => customerId !== null && units > 0);
  const known = await read([...new Set(bought.map(({ customerId }) => customerKey(customerId ?? "")))]);
  return bought.flatMap(({ customerId, productId }) => {
    const before = known.get(customerKey(customerId ?? ""))?.source.acts ?? [];
    const ledToPurchases = [
      ...before,
      ...interactions.filter((interaction) => interaction.customerId === customerId),
    ].findLast((interaction) => interaction.productId === productId && interaction.query !== null);
    return ledToPurchases?.query ?? [];
  });
}
