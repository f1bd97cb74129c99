import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProductSnapshot, StockState } from "@shop/events";
import { event } from "@shop/service";
import {
  customer,
  eventually,
  expireEvents,
  stubService,
  startTestService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import search from "../src/main.ts";
import { redisResultStore } from "../src/cache/redis-result-store.ts";
import { aProduct, priceChange, purchaseOf, stockOf } from "./snapshots.ts";

const searching = `query ($query: String, $filters: SearchFilters, $sort: SearchSort, $first: Int, $after: String) {
  search(query: $query, filters: $filters, sort: $sort, first: $first, after: $after) {
    totalCount didYouMean relaxed { dropped kept }
    edges { cursor score highlight node { id } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    facets { name values { value label count selected } }
  }
}`;

const personally = `query ($query: String, $personalized: Boolean) {
  search(query: $query, personalized: $personalized) { nodes { id } }
}`;

let stores: TestStores;
let folder: string;
let service: TestService;
const catalog: ProductSnapshot[] = [];
const inventory: StockState[] = [];
const opened = new AsyncDisposableStack();

const start = () => {
  const env = { SEARCH_DATA_FOLDER: join(folder, "index") };
  return startTestService(search, { stores, env, ...(service && { databaseUrl: service.databaseUrl }) });
};

beforeAll(async () => {
  stores = opened.use(await testStores());
  folder = await mkdtemp(join(tmpdir(), "shop-search-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  opened.use(
    await stubService(stores, "catalog", {
      "catalog.products": async ({ after, limit }) => {
        const rest = catalog.filter(({ productId }) => !after || productId > after);
        return { products: rest.slice(0, limit), isLast: rest.length <= limit };
      },
    }),
  );
  opened.use(
    await stubService(stores, "inventory", {
      "inventory.stock": async ({ after, limit }) => {
        const rest = inventory.filter(({ sku }) => !after || sku > after);
        return { stock: rest.slice(0, limit), isLast: rest.length <= limit };
      },
    }),
  );
  service = await start();
});

afterAll(async () => {
  await service?.stop();
  await opened.disposeAsync();
});

async function find(variables: Record<string, unknown>) {
  const { data, errors } = await service.graphql(searching, variables);
  if (errors) throw new Error(errors[0]?.message);
  return data?.["search"];
}
const idsOf = async (variables: Record<string, unknown>): Promise<string[]> =>
  (await find(variables)).nodes.map(({ id }: { id: string }) => id);

const publishProduct = (
  type: "ProductPublished" | "ProductChanged" | "ProductArchived",
  product: ProductSnapshot,
) =>
  service.publish(
    event(type, { aggregateId: product.productId, version: product.version, data: { product } }),
  );
const publishStock = (state: StockState) =>
  service.publish(event("StockChanged", { aggregateId: state.sku, version: state.version, data: state }));

test("what is published is found, with its price, stock and category; what is archived is not", async () => {
  await publishProduct("ProductPublished", aProduct("kettle", { title: "Copper kettle" }));
  await publishStock(stockOf("kettle", 3, 1));
  await eventually(async () => (await idsOf({ query: "kettle", filters: { inStock: true } })).length === 1);
  const found = await find({
    query: "copper",
    filters: { category: ["kitchen"], priceMin: "10", priceMax: "20.00" },
  });
  expect(found).toMatchObject({
    totalCount: 1,
    didYouMean: null,
    edges: [{ node: { id: "prd_kettle" }, highlight: "<em>Copper</em> kettle" }],
    pageInfo: { hasNextPage: false, hasPreviousPage: false },
  });
  expect(found.facets).toContainEqual({
    name: "category",
    values: [
      { value: "home", label: "Home", count: 1, selected: false },
      { value: "kitchen", label: "Kitchen", count: 1, selected: true },
    ].sort((one, other) => one.value.localeCompare(other.value)),
  });
  await publishProduct("ProductArchived", aProduct("kettle", { version: 2, status: "ARCHIVED" }));
  await eventually(async () => (await idsOf({ query: "kettle" })).length === 0);
});

test("a changed price is filtered by from then on, and a late event does not bring the old one back", async () => {
  const priced = (version: number, amount: number) =>
    aProduct("lamp", { title: "Desk lamp", version }, amount);
  await publishProduct("ProductPublished", priced(1, 2_000));
  const late = await service.publish(priceChange(priced(2, 3_000)));
  await service.publish(priceChange(priced(3, 9_000)));
  await eventually(async () => (await idsOf({ query: "lamp", filters: { priceMin: "90.00" } })).length === 1);
  await service.republish(late);
  await publishProduct("ProductPublished", aProduct("marker", { title: "Marker of the end" }));
  await eventually(async () => (await idsOf({ query: "marker" })).length === 1);
  expect(await idsOf({ query: "lamp", filters: { priceMin: "90.00" } })).toEqual(["prd_lamp"]);
});

test("an index that was away for longer than events are kept is filled again, without a command", async () => {
  await service.stop();
  catalog.push(aProduct("moon", { title: "Map of the moon" }));
  inventory.push(stockOf("moon", 5, 1));
  await expireEvents(stores, "evt.catalog.0.ProductPublished");
  service = await start();
  await eventually(async () => (await idsOf({ query: "moon" })).length === 1);
  expect(await idsOf({ query: "kettle" })).toEqual([]);
});

describe("a lost index", () => {
  test("is filled again from its owners, without a command", async () => {
    catalog.push(aProduct("atlas", { title: "World atlas" }));
    inventory.push(stockOf("atlas", 5, 1));
    await service.stop();
    await rm(join(folder, "index"), { recursive: true });
    service = await start();
    await eventually(async () => (await idsOf({ query: "atlas", filters: { inStock: true } })).length === 1);
  });

  test("is noticed while the service runs", async () => {
    await rm(join(folder, "index"), { recursive: true });
    catalog.push(aProduct("globe", { title: "Antique globe" }));
    await eventually(async () => (await idsOf({ query: "globe" })).length === 1);
    expect(await idsOf({ query: "atlas" })).toEqual(["prd_atlas"]);
  });
});

test("suggestions name queries, products and categories", async () => {
  const { data } = await service.graphql(
    `{ searchSuggestions(prefix: "kitch") { queries products { id } categories { id } } }`,
  );
  expect(data?.["searchSuggestions"].categories).toEqual([{ id: "cat_kitchen" }]);
});

describe("what shoppers do", () => {
  const view = (productId: string, query: string | null, as?: Parameters<typeof service.graphql>[2]) =>
    service.graphql(
      `mutation ($productId: ID!, $query: String) { productView(productId: $productId, query: $query) { product { id } } }`,
      { productId, query },
      as,
    );

  test("is published in batches: searches with what they found, and views with the search that led there", async () => {
    const ann = customer("usr_ann");
    await service.graphql(searching, { query: "atlas" }, ann);
    const { data } = await view("prd_atlas", "atlas", ann);
    expect(data?.["productView"]).toEqual({ product: { id: "prd_atlas" } });
    const searched = await service.waitForEvent("ProductsSearched", ({ data: { searches } }) =>
      searches.some(({ customerId }) => customerId === "usr_ann"),
    );
    expect(searched.data.searches).toContainEqual(
      expect.objectContaining({ query: "atlas", totalCount: 1, didYouMean: null, customerId: "usr_ann" }),
    );
    const viewed = await service.waitForEvent("ProductsViewed");
    expect(viewed.data.views).toMatchObject([
      { productId: "prd_atlas", query: "atlas", customerId: "usr_ann" },
    ]);
  });

  test("makes popular what is bought, and suggests what several have searched, cached answers included, but no text of one guest", async () => {
    for (const name of ["vase-a", "vase-b"]) {
      await publishProduct("ProductPublished", aProduct(name, { title: `Vase ${name}`, brand: name }));
    }
    await eventually(async () => (await idsOf({ query: "vase" })).length === 2);
    await service.publish(purchaseOf("vase-b", "usr_ann"));
    // Popularity alone makes no cached result old: each try has a filter of its own.
    let cents = 0;
    const browsed = () => ({ filters: { brand: ["vase-a", "vase-b"], priceMin: `0.${10 + cents++}` } });
    await eventually(async () => (await idsOf(browsed()))[0] === "prd_vase-b");
    const secret = "Vase for my secret";
    for (let times = 0; times < 5; times++) await idsOf({ query: secret });
    for (const name of ["ann", "ben", "cleo"]) {
      await service.graphql(searching, { query: "Vase for tulips" }, customer(`usr_${name}`));
    }
    await eventually(async () => {
      const { data } = await service.graphql(`{ searchSuggestions(prefix: "vase f") { queries } }`);
      const { queries } = data?.["searchSuggestions"] ?? {};
      expect(queries).not.toContain(secret.toLowerCase());
      return queries.includes("vase for tulips");
    });
  });

  test("moves what the customer likes up, unless the search says otherwise", async () => {
    for (const name of ["cup-a", "cup-b"]) {
      await publishProduct("ProductPublished", aProduct(name, { title: "Tea cup", brand: name }));
    }
    await eventually(async () => (await idsOf({ query: "tea cup" })).length === 2);
    const ben = customer("usr_ben");
    const [usual, other] = await idsOf({ query: "tea cup" });
    await view(other ?? "", null, ben);
    const asBen = async (personalized: boolean) =>
      (await service.graphql(personally, { query: "tea cup", personalized }, ben)).data?.["search"].nodes[0]
        .id;
    await eventually(async () => (await asBen(true)) === other);
    expect(await asBen(false)).toBe(usual);
    expect((await idsOf({ query: "tea cup" }))[0]).toBe(usual);
  });

  test("of nothing that can be a product is refused", async () => {
    const { errors } = await view("not an id", null);
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  });
});

describe("the query cache", () => {
  test("is shared by way of Redis, and gone after FLUSHALL without anyone noticing", async () => {
    const expected = await find({ query: "vase" });
    await eventually(async () => (await service.kit.redis.keys("search:query:*")).length > 0);
    await service.kit.redis.flushall();
    expect(await find({ query: "vase" })).toEqual(expected);
    expect(await idsOf({ query: "vase", first: 1 })).toHaveLength(1);
  });

  test("is left alone by a rush of new queries, and read again after it", async () => {
    const { redis, log } = service.kit;
    const kept = redisResultStore(redis, log, "rush");
    const none = { hits: [], hasNextPage: false, totalCount: 0, facets: [], didYouMean: null, relaxed: null };
    kept.put("known", { epoch: "1", result: none });
    await eventually(async () => (await kept.get("known")) !== undefined);
    const looks = async () => Number(/cmdstat_get:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1]);
    const before = await looks();
    for (let n = 0; n < 1_000; n++) await kept.get(`unknown ${n}`);
    // 100 in each second that the rush lasted, and what the shop itself looks for meanwhile.
    expect((await looks()) - before).toBeLessThan(700);
    await eventually(async () => (await kept.get("known"))?.result.totalCount === 0);
  });

  test("is done without while Redis is away, and a change is found none the less", async () => {
    await stores.redis.process.stop();
    await publishProduct("ProductPublished", aProduct("mesh", { title: "Fine sieve" }));
    await eventually(async () => (await idsOf({ query: "sieve" })).length === 1);
    await publishProduct("ProductChanged", aProduct("mesh", { title: "Coarse colander", version: 2 }));
    await eventually(async () => (await idsOf({ query: "sieve" })).length === 0);
    const again = await stores.redis.startAgain();
    opened.defer(() => again.stop());
    await eventually(async () => (await service.kit.redis.ping()) === "PONG");
    expect(await idsOf({ query: "colander" })).toHaveLength(1);
  });
});

test("a page goes on where its cursor stands", async () => {
  for (const number of [1, 2, 3]) {
    await publishProduct("ProductPublished", aProduct(`bowl-${number}`, { title: `Bowl ${number}` }));
  }
  await eventually(async () => (await idsOf({ query: "bowl" })).length === 3);
  const first = await find({ query: "bowl", first: 2 });
  const second = await find({ query: "bowl", first: 2, after: first.pageInfo.endCursor });
  expect(first.pageInfo.hasNextPage).toBe(true);
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  expect(new Set([...first.nodes, ...second.nodes].map(({ id }: { id: string }) => id)).size).toBe(3);
});

test("a search in a currency leaves out what has no price in it, and the counts agree", async () => {
  const [both, dollars] = [aProduct("euro-lamp"), aProduct("dollar-lamp")].map((product) => {
    return { ...product, title: "Currencylamp" };
  });
  if (!both || !dollars) throw new Error("there are two products");
  const euros = { amount: 900, currency: "EUR" };
  const variants = both.variants.map((it) => ({ ...it, prices: [...it.prices, euros] }));
  const second = { ...both.variants[0], variantId: "var_second", sku: "second" } as (typeof variants)[number];
  await publishProduct("ProductPublished", { ...both, variants: [...variants, second] });
  await publishProduct("ProductPublished", dollars);
  const query = "currencylamp";
  await eventually(async () => (await idsOf({ query })).length === 2);
  const found = await find({ query, filters: { currency: "EUR" } });
  expect(found).toMatchObject({ totalCount: 1, nodes: [{ id: both.productId }] });
  expect(await find({ query, filters: { currency: "CHF" } })).toMatchObject({ totalCount: 0, nodes: [] });
  expect((await find({ query, filters: { currency: "USD" } })).totalCount).toBe(2);
});
