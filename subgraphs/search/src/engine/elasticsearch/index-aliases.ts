import type { Client } from "@elastic/elasticsearch";
import { analysisVersion } from "../../text/analysis-version.ts";
import { mapping } from "./elastic-document.ts";
import type { Target } from "./write-elastic.ts";

/** The two indices of a generation. */
type Generation = { products: string; stock: string };

/** The generations of the index, and the aliases of the current and the next one. A rebuild fills the next generation, then switches the aliases. */
export function indexAliases(client: Client, prefix: string) {
  const current: Target = { products: `${prefix}-products`, stock: `${prefix}-stock`, isSearched: true };
  const next: Target = {
    products: `${prefix}-products-next`,
    stock: `${prefix}-stock-next`,
    isSearched: false,
  };
  const settings = { number_of_shards: 1, auto_expand_replicas: "0-1", refresh_interval: "1s" };

  // Both indices are created before either has its alias: after an interruption no writer reaches half of a generation.
  const create = async (target: Target): Promise<Generation> => {
    const number = Date.now();
    const generation = { products: `${prefix}-products-${number}`, stock: `${prefix}-stock-${number}` };
    await client.indices.create({ index: generation.products, mappings: mapping, settings });
    await client.indices.create({
      index: generation.stock,
      mappings: { dynamic: false, properties: {} },
      settings: { ...settings, refresh_interval: "-1" },
    });
    await client.indices.updateAliases({
      actions: [
        { add: { index: generation.products, alias: target.products } },
        { add: { index: generation.stock, alias: target.stock } },
      ],
    });
    return generation;
  };
  const behind = async (alias: string): Promise<string[]> => {
    if (!(await client.indices.existsAlias({ name: alias }))) return [];
    return Object.keys(await client.indices.getAlias({ name: alias }));
  };
  const remove = async (indices: readonly string[]) => {
    if (indices.length > 0) await client.indices.delete({ index: [...indices], ignore_unavailable: true });
  };

  const behindNext = async () => [...(await behind(next.products)), ...(await behind(next.stock))];

  return {
    current,
    next,
    /** Whether there is an index to search, with or without its stock. */
    hasCurrent: () => client.indices.existsAlias({ name: current.products }),
    /** Creates an empty generation; only under the rebuild lock. */
    async createCurrent(): Promise<void> {
      await remove([...(await behind(current.products)), ...(await behind(current.stock))]);
      await create(current);
    },
    /** Creates the next generation and removes the remains of an interrupted rebuild; only under the rebuild lock. */
    async beginNext(): Promise<Generation> {
      const all = await client.indices.get({ index: [`${prefix}-products-*`, `${prefix}-stock-*`] });
      const nameless = Object.keys(all).filter(
        (index) => Object.keys(all[index]?.aliases ?? {}).length === 0,
      );
      await remove([...(await behindNext()), ...nameless]);
      return create(next);
    },
    /** Whether there is a whole next generation, being filled or left behind. */
    hasNext: () => client.indices.existsAlias({ name: [next.products, next.stock] }),
    /** Removes the remains of an interrupted rebuild; only under the rebuild lock. */
    removeNext: async () => remove(await behindNext()),
    /** Removes unused indices. */
    remove,
    /** Refreshes the next generation, so that searches find everything in it. */
    async settleNext(): Promise<void> {
      await client.indices.refresh({ index: next.products });
    },
    /**
     * Makes a generation the current one, atomically for readers; returns the indices of the one before, which searches that
     * are under way still need. Fails if another instance has begun another generation since.
     */
    async switchTo({ products, stock }: Generation): Promise<string[]> {
      const [oldProducts, oldStock] = [await behind(current.products), await behind(current.stock)];
      await client.indices.putMapping({ index: products, _meta: { complete: analysisVersion } });
      const move = (from: string, to: string, index: string, old: string[]) => [
        { remove: { index, alias: from, must_exist: true } },
        { add: { index, alias: to } },
        ...old.map((index) => ({ remove: { index, alias: to } })),
      ];
      await client.indices.updateAliases({
        actions: [
          ...move(next.products, current.products, products, oldProducts),
          ...move(next.stock, current.stock, stock, oldStock),
        ],
      });
      return [...oldProducts, ...oldStock];
    },
    async markIncomplete(): Promise<void> {
      await client.indices.putMapping({ index: current.products, _meta: { complete: false } });
    },
    async isComplete(): Promise<boolean> {
      const both = [current.products, current.stock];
      const there = await Promise.all(both.map((name) => client.indices.existsAlias({ name })));
      if (there.includes(false)) return false;
      const mappings = Object.values(await client.indices.getMapping({ index: current.products }));
      return mappings.some(({ mappings: { _meta } }) => _meta?.["complete"] === analysisVersion);
    },
  };
}
