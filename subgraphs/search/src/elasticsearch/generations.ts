import type { Client } from "@elastic/elasticsearch";
import { mapping } from "./elastic-document.ts";
import type { Target } from "./write-elastic.ts";

/** The two indices of a generation, and the aliases by which the one in use and the next one are reached. */
export function generationsOf(client: Client, prefix: string) {
  const current: Target = { products: `${prefix}-products`, stock: `${prefix}-stock`, isSearched: true };
  const next: Target = {
    products: `${prefix}-products-next`,
    stock: `${prefix}-stock-next`,
    isSearched: false,
  };
  const settings = { number_of_shards: 1, auto_expand_replicas: "0-1", refresh_interval: "1s" };

  const create = async (target: Target) => {
    const generation = Date.now();
    await client.indices.create({
      index: `${prefix}-products-${generation}`,
      mappings: mapping,
      settings,
      aliases: { [target.products]: {} },
    });
    await client.indices.create({
      index: `${prefix}-stock-${generation}`,
      mappings: { dynamic: false, properties: {} },
      settings: { ...settings, refresh_interval: "-1" },
      aliases: { [target.stock]: {} },
    });
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
    async beginNext(): Promise<void> {
      await remove([...(await behind(next.products)), ...(await behind(next.stock))]);
      await create(next);
    },
    /** Lets all that was written into the next generation be found. */
    async settleNext(): Promise<void> {
      await client.indices.refresh({ index: next.products });
    },
    /** Makes the next generation the current one, in one step for whoever reads. */
    async switchToNext(): Promise<void> {
      const [products, stock] = [await behind(next.products), await behind(next.stock)];
      const [oldProducts, oldStock] = [await behind(current.products), await behind(current.stock)];
      await client.indices.putMapping({ index: products, _meta: { complete: true } });
      const move = (from: string, to: string, indices: string[], old: string[]) => [
        ...indices.flatMap((index) => [{ remove: { index, alias: from } }, { add: { index, alias: to } }]),
        ...old.map((index) => ({ remove_index: { index } })),
      ];
      await client.indices.updateAliases({
        actions: [
          ...move(next.products, current.products, products, oldProducts),
          ...move(next.stock, current.stock, stock, oldStock),
        ],
      });
    },
    async isComplete(): Promise<boolean> {
      if (!(await client.indices.existsAlias({ name: current.products }))) return false;
      const mappings = Object.values(await client.indices.getMapping({ index: current.products }));
      return mappings.some(({ mappings: { _meta } }) => _meta?.["complete"] === true);
    },
  };
}
