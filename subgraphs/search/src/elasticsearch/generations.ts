import type { Client } from "@elastic/elasticsearch";
import { mapping } from "./elastic-document.ts";
import type { Target } from "./write-elastic.ts";

/** The two indices of a generation. */
type Generation = { products: string; stock: string };

/** Generations of the index, and the aliases by which the one in use and the next one are reached. */
export function generationsOf(client: Client, prefix: string) {
  const current: Target = { products: `${prefix}-products`, stock: `${prefix}-stock`, isSearched: true };
  const next: Target = {
    products: `${prefix}-products-next`,
    stock: `${prefix}-stock-next`,
    isSearched: false,
  };
  const settings = { number_of_shards: 1, auto_expand_replicas: "0-1", refresh_interval: "1s" };

  const create = async (target: Target): Promise<Generation> => {
    const number = Date.now();
    const generation = { products: `${prefix}-products-${number}`, stock: `${prefix}-stock-${number}` };
    await client.indices.create({
      index: generation.products,
      mappings: mapping,
      settings,
      aliases: { [target.products]: {} },
    });
    await client.indices.create({
      index: generation.stock,
      mappings: { dynamic: false, properties: {} },
      settings: { ...settings, refresh_interval: "-1" },
      aliases: { [target.stock]: {} },
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

  return {
    current,
    next,
    /** Makes an empty generation if there is none. */
    async ensureCurrent(): Promise<void> {
      const there = await Promise.all([behind(current.products), behind(current.stock)]);
      if (there.every((indices) => indices.length > 0)) return;
      await remove(there.flat());
      await create(current);
    },
    /** Begins the next generation; what an interrupted rebuild left is removed. */
    async beginNext(): Promise<Generation> {
      const all = await client.indices.get({ index: [`${prefix}-products-*`, `${prefix}-stock-*`] });
      const nameless = Object.keys(all).filter(
        (index) => Object.keys(all[index]?.aliases ?? {}).length === 0,
      );
      await remove([...(await behind(next.products)), ...(await behind(next.stock)), ...nameless]);
      return create(next);
    },
    /** Whether any instance is filling the next generation. */
    isFilling: () => client.indices.existsAlias({ name: next.products }),
    /** Removes indices that are no longer used. */
    remove,
    /** Lets all that was written into the next generation be found. */
    async settleNext(): Promise<void> {
      await client.indices.refresh({ index: next.products });
    },
    /**
     * Makes a generation the current one, in one step for whoever reads; gives back the one before, which searches that are
     * under way still need. Fails if another instance has begun another one since.
     */
    async switchTo({ products, stock }: Generation): Promise<string[]> {
      const [oldProducts, oldStock] = [await behind(current.products), await behind(current.stock)];
      await client.indices.putMapping({ index: products, _meta: { complete: true } });
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
    async isComplete(): Promise<boolean> {
      if (!(await client.indices.existsAlias({ name: current.products }))) return false;
      const mappings = Object.values(await client.indices.getMapping({ index: current.products }));
      return mappings.some(({ mappings: { _meta } }) => _meta?.["complete"] === true);
    },
  };
}
